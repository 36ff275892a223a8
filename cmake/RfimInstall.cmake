# What `cmake --install` copies: the command, both libraries, the headers, and what pkg-config and
# CMake need to find them. Everything may be moved elsewhere as a whole afterwards.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rfim)
set_target_properties(rfim_static PROPERTIES EXPORT_NAME rfim_static)
set_target_properties(rfim_shared PROPERTIES EXPORT_NAME rfim)

if(TARGET rfim)
  install(TARGETS rfim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/rfim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
# Two export sets, because only users of the static library have to find what it is linked with.
install(TARGETS rfim_shared EXPORT rfim_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS rfim_static EXPORT rfim_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(kind shared static)
  install(EXPORT rfim_${kind} NAMESPACE rfim:: FILE rfim-${kind}.cmake DESTINATION ${package_dir})
endforeach()

configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/rfim-config.cmake.in
                              ${CMAKE_BINARY_DIR}/rfim-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/rfim-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/rfim-config.cmake ${CMAKE_BINARY_DIR}/rfim-config-version.cmake
        DESTINATION ${package_dir})

# The way up from the folder of rfim.pc to the prefix, so that the package can be moved.
file(RELATIVE_PATH RFIM_PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
     ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" RFIM_PC_TO_PREFIX "${RFIM_PC_TO_PREFIX}")
# Spelt out, because openblas.pc also asks for what only a static OpenBLAS needs; with its folder
# for run time, because the system may prefer another build of it.
set(RFIM_PC_OPENBLAS -lopenblas)
foreach(folder ${OPENBLAS_LIBRARY_DIRS})
  string(APPEND RFIM_PC_OPENBLAS " -L${folder} -Wl,-rpath,${folder}")
endforeach()
configure_file(${CMAKE_SOURCE_DIR}/cmake/rfim.pc.in ${CMAKE_BINARY_DIR}/rfim.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/rfim.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
