# Run by each build: writes OUT from cmake/build_info.h.in, with the commit that SOURCE stands at; touches OUT only on a change.
# "+" after the commit: the tree has changes; empty: not a checkout of its own.
set(commit "")
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no
    OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commit AND changes)
    string(APPEND commit "+")
  endif()
endif()
configure_file(${SOURCE}/cmake/build_info.h.in ${OUT} @ONLY)
