#include "app/removed.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "app/words.h"
#include "base/disk.h"
#include "base/files.h"
#include "base/sha256.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

fs::path file_of(Spool const& spool) {
  return spool.state / "removed.jsonl";
}

// The spool may be moved: relative to it, or to where out/ and orphans/ lie elsewhere.
std::string name_of(Spool const& spool, fs::path const& picture) {
  for (auto const& [name, tree] : {std::pair{"out", &spool.out}, std::pair{"orphans", &spool.orphans}})
    if (auto const below = picture.lexically_relative(*tree); !below.empty() && *below.begin() != "..")
      return (fs::path{name} / below).string();
  return picture.string();
}

std::uint64_t key_of(std::string_view name, std::string_view sha256) {
  return std::stoull(sha256_hex(std::string{name} + "\n" + std::string{sha256}).substr(0, 16), nullptr, 16);
}

}  // namespace

bool Removed::has(fs::path const& picture, std::string const& sha256) {
  if (!known_) {
    known_.emplace();
    std::string line;
    pass_file(file_of(spool_), [&](std::string_view piece) {
      for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
        line += piece.substr(0, end);
        auto const told = nlohmann::json::parse(line, nullptr, false);
        if (told.is_object() && told.contains("file") && told["file"].is_string() &&
            told.contains("sha256") && told["sha256"].is_string())
          known_->push_back(key_of(told["file"].get<std::string>(), told["sha256"].get<std::string>()));
        line.clear();
        piece.remove_prefix(end + 1);
      }
      line += piece;
      return line.size() < (1u << 20);
    });
    std::sort(known_->begin(), known_->end());
  }
  return std::binary_search(known_->begin(), known_->end(), key_of(name_of(spool_, picture), sha256));
}

bool is_missed(JobRow const& row, Spool const& spool, Removed& removed) {
  if (!is_missing(row, spool)) return false;
  auto const& pictures = row.task.pictures;
  return std::any_of(pictures.begin(), pictures.end(), [&](Picture const& picture) {
    if (picture.file.empty()) return false;
    auto const path = picture_path(row, row.task, picture, spool);
    std::error_code ignored;
    return !fs::exists(path, ignored) && !removed.has(path, picture.sha256);
  });
}

bool is_removed(JobRow const& row, Spool const& spool, Removed& removed) {
  return is_missing(row, spool) && !is_missed(row, spool, removed);
}

std::string_view meaning_of(JobRow const& row, Spool const& spool, Removed& removed) {
  if (!is_missing(row, spool)) return meaning(row.task.state);
  return is_missed(row, spool, removed) ? "its pictures were here, and somebody has taken files away"
                                        : "wanspool gc has removed its pictures";
}

void RemovedLog::add(fs::path const& picture, std::string const& sha256, std::int64_t bytes, Instant at) {
  nlohmann::ordered_json const line{
      {"at", rfc3339(at)}, {"file", name_of(spool_, picture)}, {"sha256", sha256}, {"bytes", bytes}};
  waiting_ += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void RemovedLog::write() {
  if (waiting_.empty()) return;
  auto const path = file_of(spool_);
  if (!file_) {
    std::error_code ignored;
    bool const is_new = !fs::exists(path, ignored);
    file_ = is_new ? disk::create(path, 0666) : disk::append(path);
    struct stat folder {};
    // Where root works on a service's spool the file is the service's all the same.
    if (is_new && ::geteuid() == 0 && ::stat(spool_.state.c_str(), &folder) == 0 &&
        ::fchown(file_.get(), folder.st_uid, folder.st_gid) != 0)
      throw std::system_error{errno, std::generic_category(), "cannot give away " + path.string()};
    // A line that a stop has torn ends here.
    if (!is_new) waiting_ = "\n" + waiting_;
  }
  disk::write(file_.get(), waiting_, path);
  disk::sync(file_.get(), path);
  waiting_.clear();
}

}  // namespace wanspool::app
