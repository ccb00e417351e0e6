#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

// The lines of out/MANIFEST/metadata.jsonl, one for each current picture, and of `list --pictures`: one place
// makes them. A folder with such a file is a data set for Hugging Face's imagefolder as it is, which wants
// `file_name`, relative to the file, with '/', and the same keys of the same kinds in every line.
namespace wanspool {

// Of one job: its purchase and what refilled it.
struct CurrentJob {
  JobRow row;
  std::vector<Task> refills;
};

// Calls `take` with every picture of the job that is safe, told of in its story and not replaced; a retired
// job has none, nor has one whose copy is still on its way.
void each_current(CurrentJob const& job, std::function<void(Task const&, Picture const&)> const& take);

// One object without line breaks. `body` is what was sent for the task; where it is "" prompt, parameters and
// inputs are left empty. A copy of what was bought under another name has cost nothing more.
std::string metadata_line(JobRow const& row, Task const& task, Picture const& picture,
                          std::string const& body, std::string const& currency);

// The job's lines, each ended by LF. `tasks`: those of these purchases alone; empty: of all.
std::string metadata_lines(CurrentJob const& job, std::vector<std::int64_t> const& tasks, Reader& reader,
                           std::string const& currency);

// The same lines for people with spreadsheets (RFC 4180: CR LF, quotes where they are needed), nested values
// as JSON text.
std::string csv_head();
std::string csv_line(std::string const& metadata_line);

// What a set of lines says, in any order: their number and a sum over all that may change while a picture
// stays. What follows from the fingerprint (prompt, parameters, inputs) or was settled before (the cost) is
// left out, so that the queue's side of it can be had without reading a body.
struct LineSum {
  std::int64_t count = 0;
  std::uint64_t sum = 0;

  void add(std::string_view line);
  bool operator==(LineSum const&) const = default;
};
void add_job(LineSum& sum, CurrentJob const& job);
// Of a file; `whole` is false where its last line has no end. No file: no lines.
struct FileSum {
  LineSum lines;
  bool whole = true, is_there = false;
};
FileSum sum_of_lines(std::filesystem::path const& file);

// Its refills are read where it may have some.
CurrentJob current_job(Reader& reader, JobRow row);

}  // namespace wanspool
