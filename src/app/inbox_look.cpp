#include "app/inbox_look.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>

#include "app/words.h"
#include "engine/inbox_names.h"
#include "engine/inbox_report.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kToldMost = 20;

std::string age_of(struct stat const& info) {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  auto const age = std::chrono::duration_cast<milliseconds>(now) - seconds{info.st_mtim.tv_sec};
  return age < minutes{1} ? "" : " for " + human(age);
}

// What its name and its size tell anybody; "" where they tell nothing.
std::string plain_reason(fs::path const& path, std::string const& name) {
  if (auto const why = why_ignored(name); !why.empty()) return fmt::format("ignored: {}", why);
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > 0) return {};
  return "empty" + age_of(info);
}

}  // namespace

InboxLook look_into_inbox(Spool const& spool, bool is_kept) {
  InboxLook look;
  std::map<std::string, std::string> told;
  auto const report = is_kept ? read_report(spool.report) : InboxReport{};
  for (auto const& each : report.entries) told.emplace(each.name, each.why);
  std::error_code error;
  for (fs::directory_iterator at{spool.inbox, error}, end; !error && at != end; at.increment(error)) {
    auto const name = at->path().filename().string();
    auto why = plain_reason(at->path(), name);
    if (auto const known = told.find(reported_name(name)); why.empty() && known != told.end())
      why = known->second;
    if (why.empty()) why = is_kept ? "still being written, or just come" : "nobody has the spool now";
    look.waiting += why_ignored(name).empty();
    look.entries.push_back({name, why});
  }
  look.trouble = error ? error.message() : report.trouble;
  std::sort(look.entries.begin(), look.entries.end(),
            [](auto const& one, auto const& other) { return one.name < other.name; });
  return look;
}

std::vector<Said> words_of_inbox(InboxLook const& look) {
  std::vector<Said> lines;
  if (!look.trouble.empty()) lines.push_back({"inbox", "cannot be looked through: " + look.trouble});
  if (look.entries.empty()) return lines;
  auto const count = look.entries.size();
  lines.push_back({"inbox", fmt::format("{} {}:", count, count == 1 ? "entry waits" : "entries wait")});
  for (auto const& each : look.entries) {
    if (lines.size() > kToldMost) break;
    lines.push_back({"", fmt::format("{} ({})", shown_name(each.name), each.why)});
  }
  if (count > kToldMost) lines.push_back({"", "and more: wanspool status --json"});
  return lines;
}

}  // namespace wanspool::app
