# How the library is put together: every file of src/ once, and every *_kernels.c once for each
# precision and instruction set (src/core/kernels.h says why).

file(GLOB_RECURSE RFIM_ALL_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.c)
set(RFIM_KERNEL_SOURCES ${RFIM_ALL_SOURCES})
list(FILTER RFIM_KERNEL_SOURCES INCLUDE REGEX "_kernels\\.c$")
set(RFIM_SOURCES ${RFIM_ALL_SOURCES})
list(FILTER RFIM_SOURCES EXCLUDE REGEX "_kernels\\.c$")

set(RFIM_INSTRUCTION_SETS portable)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND RFIM_INSTRUCTION_SETS avx2 avx512)
  set(RFIM_X86 ON)
endif()
set(RFIM_FLAGS_portable "")
set(RFIM_FLAGS_avx2 -march=x86-64-v3)
set(RFIM_FLAGS_avx512 -march=x86-64-v4 -mprefer-vector-width=512)

# Warnings are errors; the same list for every target of ours.
add_library(rfim_warnings INTERFACE)
target_compile_options(rfim_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow
                                               -Wstrict-prototypes -Wmissing-prototypes -Werror)
if(RFIM_SANITIZE)
  add_compile_options(-fsanitize=${RFIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RFIM_SANITIZE})
endif()

# What every object of the library is compiled with.
function(rfim_configure target)
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/include
                             PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L
                             RFIM_VERSION="${PROJECT_VERSION}" $<$<BOOL:${RFIM_X86}>:RFIM_X86=1>
                             ${ARGN})
  target_compile_options(${target} PRIVATE -fno-math-errno -fno-trapping-math -fvisibility=hidden)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE rfim_warnings PUBLIC OpenMP::OpenMP_C ZLIB::ZLIB
                        PkgConfig::JANSSON PkgConfig::INIH PkgConfig::OPENBLAS m)
endfunction()

# add_rfim_library(name [definitions...]): a static library; the definitions are for the test
# builds that break one thing on purpose (tests/CMakeLists.txt).
function(add_rfim_library name)
  set(objects "")
  foreach(precision f32 f64)
    set(real_f32 float)
    set(real_f64 double)
    foreach(set ${RFIM_INSTRUCTION_SETS})
      set(part ${name}_${precision}_${set})
      add_library(${part} OBJECT ${RFIM_KERNEL_SOURCES})
      rfim_configure(${part} RFIM_REAL=${real_${precision}} RFIM_TAG=${precision}_${set}
                     RFIM_REAL_IS_${precision}=1 ${ARGN})
      target_compile_options(${part} PRIVATE ${RFIM_FLAGS_${set}} -fopenmp-simd)
      list(APPEND objects $<TARGET_OBJECTS:${part}>)
    endforeach()
  endforeach()
  add_library(${name} STATIC ${RFIM_SOURCES} ${objects})
  rfim_configure(${name} ${ARGN})
endfunction()
