# Runs `systemd-analyze verify` on a copy of UNIT in WORK whose ExecStart is PROGRAM, because verify wants the
# program to be there. Fails if a word is said about it.
cmake_minimum_required(VERSION 3.25)

find_program(analyze systemd-analyze)
if(NOT analyze)
  message("skipped: systemd-analyze is missing (package systemd)")
  return()
endif()

file(READ ${UNIT} text)
string(REGEX REPLACE "(ExecStart(Pre)?=)/usr/bin/wanspool " "\\1${PROGRAM} " text "${text}")
string(FIND "${text}" "ExecStart=${PROGRAM} " at)
if(at EQUAL -1)
  message(FATAL_ERROR "${UNIT} does not start /usr/bin/wanspool")
endif()
file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/wanspool.service "${text}")
execute_process(COMMAND ${analyze} verify --recursive-errors=no ${WORK}/wanspool.service
  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
file(REMOVE_RECURSE ${WORK})
string(STRIP "${said}" said)
if(NOT result EQUAL 0 OR NOT said STREQUAL "")
  message(FATAL_ERROR "systemd-analyze verify ended with ${result} and said:\n${said}")
endif()
message("systemd-analyze verify finds nothing in ${UNIT}")
