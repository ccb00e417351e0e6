#include "app/pictured.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

#include "app/exit.h"
#include "app/rows.h"
#include "engine/metadata.h"
#include "engine/paths.h"
#include "manifest/patterns.h"

namespace wanspool::app {
namespace {

// Jobs whose pictures some words are, as `list --pictures` and the lines of metadata.jsonl have them: below
// out/, or below out/MANIFEST/.
class Pictured {
 public:
  explicit Pictured(std::vector<std::string> const& words) {
    for (auto const& each : words)
      if (!is_glob(each)) found_.try_emplace(each);
  }

  void look_at(Reader& reader, JobRow const& row) {
    auto const name = name_of(row);
    auto const look = [&](Task const& task) {
      for (auto const& picture : task.pictures)
        if (!picture.file.empty()) look_at(row, below_out(name, file_of(row, task, picture)));
    };
    auto const job = current_job(reader, row);
    look(job.row.task);
    for (auto const& refill : job.refills) look(refill);
  }

  // Who buys again must not guess whose picture is meant.
  std::vector<JobRow> take(Names& names) {
    std::vector<JobRow> jobs;
    for (auto& [word, rows] : found_) {
      if (rows.size() > 1)
        throw Quit{kWrong, fmt::format("'{}' is a picture of {} and of {}; name the job instead", word,
                                       name_of(rows[0]), name_of(rows[1]))};
      if (rows.empty()) continue;
      names.find(word);
      jobs.push_back(std::move(rows.front()));
    }
    return jobs;
  }

 private:
  void look_at(JobRow const& row, std::string const& path) {
    // What words are compared with is normalised as they are: names of more than 80 bytes lose their ends.
    auto const shown = path.size() > 80 ? normal_pattern(path) : path;
    for (auto const& each : {shown, job_of(shown)}) {
      auto const found = found_.find(each);
      if (found == found_.end()) continue;
      auto& rows = found->second;
      if (rows.empty() || name_of(rows.back()) != name_of(row)) rows.push_back(row);
    }
  }

  std::map<std::string, std::vector<JobRow>> found_;
};

}  // namespace

void add_pictured(Reader& reader, Names& names, std::vector<JobRow>& jobs) {
  auto const words = names.unmatched();
  if (words.empty()) return;
  Pictured pictured{words};
  reader.jobs({}, [&](JobRow const& row) {
    pictured.look_at(reader, row);
    return true;
  });
  std::set<std::string> known;
  for (auto const& each : jobs) known.insert(name_of(each));
  for (auto& row : pictured.take(names))
    if (known.insert(name_of(row)).second) jobs.push_back(std::move(row));
}

}  // namespace wanspool::app
