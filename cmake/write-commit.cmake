# Writes a header that names the commit of the sources, "" where git does not know it:
#
#   cmake -DSOURCE=<source folder> -DHEADER=<file> -P write-commit.cmake
#
# The header is left alone when it says so already. Run before every build, so that "-dirty" is
# true: a figure that was measured on changed sources says so.
execute_process(COMMAND git describe --always --dirty --abbrev=10 --match=
                WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit ERROR_QUIET
                OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
if(failed OR NOT commit MATCHES "^[0-9a-f]+(-dirty)?$")
  set(commit "")
endif()
set(text "#define RFIM__BENCH_COMMIT \"${commit}\"\n")
set(old "")
if(EXISTS ${HEADER})
  file(READ ${HEADER} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${HEADER} "${text}")
endif()
