#pragma once

#include <stdexcept>
#include <string>

namespace wanspool::app {

// What the program ends with (design §1).
enum Exit {
  kFine = 0,
  kFailed = 1,       // a job failed, a manifest was rejected, a wait ran out
  kWrong = 2,        // a wrong command line or manifest, or no spool
  kAccount = 3,      // the key or the bill
  kNoSuch = 4,       // no such job
  kVerify = 5,       // `verify` found something
  kPerson = 6,       // something waits for a person
  kInternal = 70,    //
  kCannotMake = 73,  // the disk is full, or a place cannot be written
  kBrokenDisk = 74,  //
  kTaken = 75,       // another daemon has the spool
  kMisconfigured = 78
};

// The command cannot go on: words for a person, and what to end with.
struct Quit : std::runtime_error {
  Quit(int code, std::string const& what) : std::runtime_error{what}, exit_code{code} {}
  int exit_code;
};

}  // namespace wanspool::app
