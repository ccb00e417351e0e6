#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace wanspool::app {

// What a manifest asks for, found without a spool or a key.
struct Estimate {
  std::string file;
  std::string manifest;  // its name
  std::size_t jobs = 0;
  std::int64_t pictures = 0;  // at most
  Money price;                // at most
  std::string currency;
  std::vector<Complaint> complaints;

  bool ok() const { return complaints.empty(); }
  std::string str() const;  // "FILE: 3 jobs, at most 5 pictures, at most 1.00 CNY"
};

// What cannot be read is a complaint like any other mistake.
Estimate estimate(std::string const& file, Models const& models, std::string const& region);

// Of several files, every complaint on standard error; false if there is one.
bool tell_complaints(std::vector<Estimate> const& estimates);

}  // namespace wanspool::app
