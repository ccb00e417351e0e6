# Runs `systemd-analyze verify` on a copy of UNIT in WORK whose ExecStart is PROGRAM, because verify wants the
# program to be there. Fails if a word is said about it. Then `systemd-analyze security` must find it exposed by
# 1.5 of 10 at most.
cmake_minimum_required(VERSION 3.25)

find_program(analyze systemd-analyze)
if(NOT analyze)
  message("skipped: systemd-analyze is missing (package systemd)")
  return()
endif()

file(READ ${UNIT} text)
string(REPLACE "ExecStart=/usr/bin/wanspool " "ExecStart=${PROGRAM} " text "${text}")
string(FIND "${text}" "ExecStart=${PROGRAM} " at)
if(at EQUAL -1)
  message(FATAL_ERROR "${UNIT} does not start /usr/bin/wanspool")
endif()
file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/wanspool.service "${text}")
execute_process(COMMAND ${analyze} verify --man=no --recursive-errors=no ${WORK}/wanspool.service
  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
execute_process(COMMAND ${analyze} security --offline=true --threshold=15 ${WORK}/wanspool.service
  RESULT_VARIABLE exposed OUTPUT_VARIABLE exposure ERROR_VARIABLE exposure)
file(REMOVE_RECURSE ${WORK})
string(STRIP "${said}" said)
if(NOT result EQUAL 0 OR NOT said STREQUAL "")
  message(FATAL_ERROR "systemd-analyze verify ended with ${result} and said:\n${said}")
endif()
# The figure is read as well: a version that knows no threshold would find nothing wrong.
string(REGEX MATCH "exposure level for wanspool.service: ([0-9.]+)" figure "${exposure}")
if(NOT exposed EQUAL 0 OR figure STREQUAL "" OR CMAKE_MATCH_1 GREATER 1.5)
  message(FATAL_ERROR "systemd-analyze security ended with ${exposed} and said:\n${exposure}")
endif()
message("systemd-analyze verify finds nothing in ${UNIT}; exposure ${CMAKE_MATCH_1}")
