# How the library is put together: every file of src/ once, and every *_kernels.c once for each
# precision and instruction set (src/core/kernels.h says why).

file(GLOB_RECURSE RFIM_ALL_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.c)
set(RFIM_KERNEL_SOURCES ${RFIM_ALL_SOURCES})
list(FILTER RFIM_KERNEL_SOURCES INCLUDE REGEX "_kernels\\.c$")
set(RFIM_SOURCES ${RFIM_ALL_SOURCES})
list(FILTER RFIM_SOURCES EXCLUDE REGEX "_kernels\\.c$")

set(RFIM_INSTRUCTION_SETS portable)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT RFIM_PORTABLE_ONLY)
  list(APPEND RFIM_INSTRUCTION_SETS avx2 avx512)
  set(RFIM_X86 ON)
endif()
set(RFIM_FLAGS_portable "")
set(RFIM_FLAGS_avx2 -march=x86-64-v3)
set(RFIM_FLAGS_avx512 -march=x86-64-v4 -mprefer-vector-width=512)

# Loops over a tile of registers are to be unrolled whole, else the tile lives in memory. gcc is told
# loop by loop (RFIM__UNROLL), clang's limit is too low for it.
set(RFIM_UNROLL $<$<C_COMPILER_ID:Clang>:SHELL:-mllvm -unroll-threshold=1000>)

# Warnings are errors; the same list for every target of ours.
add_library(rfim_warnings INTERFACE)
target_compile_options(rfim_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
                                               -Wstrict-prototypes -Wmissing-prototypes -Werror)
if(RFIM_SANITIZE)
  # The code that the sanitizers add misleads gcc's other warnings.
  target_compile_options(rfim_warnings INTERFACE -Wno-error)
  add_compile_options(-fsanitize=${RFIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RFIM_SANITIZE})
endif()
if(RFIM_BUILD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# What the library is linked with. Nothing of it shows in the public headers.
set(RFIM_DEPENDENCIES OpenMP::OpenMP_C ZLIB::ZLIB PkgConfig::JANSSON PkgConfig::OPENBLAS m)

# What our sources are compiled with, and what a test that looks inside must agree on.
set(RFIM_DEFINITIONS _POSIX_C_SOURCE=200809L RFIM_VERSION="${PROJECT_VERSION}"
                     $<$<BOOL:${RFIM_X86}>:RFIM_X86=1>)

# rfim_objects(target SOURCES sources... DEFINITIONS definitions...): object files of the library.
function(rfim_objects target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEFINITIONS")
  add_library(${target} OBJECT ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(${target} PRIVATE ${RFIM_DEFINITIONS} ${arg_DEFINITIONS})
  target_compile_options(${target} PRIVATE -fno-math-errno -fno-trapping-math -fvisibility=hidden)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE rfim_warnings ${RFIM_DEPENDENCIES})
endfunction()

# add_rfim_library(name [definitions...]): a static library; the definitions are for the test
# builds that break one thing on purpose (tests/CMakeLists.txt). Its property RFIM_OBJECTS lists
# the object files, for those who want to link them otherwise.
function(add_rfim_library name)
  set(objects $<TARGET_OBJECTS:${name}_once>)
  rfim_objects(${name}_once SOURCES ${RFIM_SOURCES} DEFINITIONS ${ARGN})
  if(RFIM_KERNEL_SOURCES)
    set(real_f32 float)
    set(real_f64 double)
    foreach(precision f32 f64)
      foreach(set ${RFIM_INSTRUCTION_SETS})
        set(part ${name}_${precision}_${set})
        rfim_objects(${part} SOURCES ${RFIM_KERNEL_SOURCES}
                     DEFINITIONS RFIM_REAL=${real_${precision}} RFIM_TAG=${precision}_${set}
                                 RFIM_REAL_IS_${precision}=1 ${ARGN})
        target_compile_options(${part} PRIVATE ${RFIM_FLAGS_${set}} -fopenmp-simd -ffp-contract=fast
                                               ${RFIM_UNROLL})
        list(APPEND objects $<TARGET_OBJECTS:${part}>)
      endforeach()
    endforeach()
  endif()
  add_library(${name} STATIC ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C RFIM_OBJECTS "${objects}")
  rfim_public_headers(${name})
  target_link_libraries(${name} INTERFACE ${RFIM_DEPENDENCIES})
endfunction()

function(rfim_public_headers target)
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                                                 $<INSTALL_INTERFACE:include>)
endfunction()

# add_rfim_shared_library(name from): a shared library of the object files of `from`. It shows
# what RFIM_API marks and nothing else (scripts/check-exports.sh).
function(add_rfim_shared_library name from)
  get_target_property(objects ${from} RFIM_OBJECTS)
  add_library(${name} SHARED ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  rfim_public_headers(${name})
  target_link_libraries(${name} PRIVATE ${RFIM_DEPENDENCIES})
endfunction()

# rfim_program(target source): a program of ours that uses the public interface only.
function(rfim_program target)
  add_executable(${target} ${ARGN})
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
  target_link_libraries(${target} PRIVATE rfim_warnings)
endfunction()
