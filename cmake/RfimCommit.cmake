# bench/commit.h, which names the commit of the sources for figures that are measured: written here
# once, for those who read sources without building them, and by rfim_commit before every build.
set(RFIM_COMMIT_HEADER ${CMAKE_BINARY_DIR}/generated/bench/commit.h)
set(write_commit ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DHEADER=${RFIM_COMMIT_HEADER}
                 -P ${CMAKE_SOURCE_DIR}/cmake/write-commit.cmake)
execute_process(COMMAND ${write_commit})
add_custom_target(rfim_commit COMMAND ${write_commit} VERBATIM)
include_directories(${CMAKE_BINARY_DIR}/generated)
