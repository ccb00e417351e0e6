#include "app/audit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "app/removed.h"
#include "app/words.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/sha256.h"
#include "engine/index.h"
#include "engine/local_pictures.h"
#include "engine/older.h"
#include "engine/output.h"
#include "engine/paths.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kStoryMost = 64u << 20;

// Throws std::system_error.
std::string sum_of(int fd, fs::path const& file) {
  Sha256 sum;
  std::string block(256 << 10, '\0');
  for (;;) {
    auto const got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error{errno, std::generic_category(), "cannot read " + file.string()};
    if (got == 0) return sum.hex();
    sum.add(std::string_view{block}.substr(0, static_cast<std::size_t>(got)));
  }
}

std::string wrong_with(fs::path const& file, Picture const& picture) {
  Fd const fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd && errno == ENOENT) return file.string() + " is missing";
  if (!fd) return fmt::format("{} cannot be read: {}", file.string(), std::generic_category().message(errno));
  struct stat info {};
  ::fstat(fd.get(), &info);
  if (info.st_size != picture.bytes)
    return fmt::format("{} has {} bytes, {} were stored", file.string(), info.st_size, picture.bytes);
  try {
    if (sum_of(fd.get(), file) != picture.sha256)
      return file.string() + " does not hold the bytes that were stored (sha256)";
  } catch (std::system_error const& error) {
    return error.what();
  }
  return {};
}

// The task that the story beside the pictures names; throws std::system_error.
std::string story_task(fs::path const& file) {
  auto const story = nlohmann::json::parse(read_file(file, kStoryMost), nullptr, false);
  auto const found = story.is_object() ? story.find("task_id") : story.end();
  return story.is_object() && found != story.end() && found->is_string() ? found->get<std::string>() : "";
}

void look_at_story(Holding const& holding, fs::path const& folder, Look& look) {
  auto const file = folder / "result.json";
  auto const& task = holding.row.task;
  std::error_code ignored;
  auto const tells = fmt::format("wanspool show {} tells the same", name_of(holding.row));
  if (!fs::exists(file, ignored)) {
    look.findings.push_back({file.string() + " is missing", tells + "; put it back from a copy of out/"});
    return;
  }
  try {
    auto const named = story_task(file);
    if (named != task.task_id)
      look.findings.push_back({fmt::format("{} tells of task {}, the queue of {}", file.string(),
                                           named.empty() ? "none" : named, task.task_id),
                               "if a backup was put back start a daemon, which matches them; else " + tells});
  } catch (std::system_error const& error) {
    look.findings.push_back({error.what(), tells});
  }
}

void allow_safe(std::vector<Task> const& tasks, std::set<std::string>& names) {
  for (auto const& task : tasks)
    for (auto const& each : task.pictures) names.insert(each.file);
}

// Under the names that they have for this job.
void allow_held(JobRow const& row, Task const& task, std::set<std::string>& names) {
  for (auto const& each : task.pictures)
    if (!each.file.empty()) names.insert(file_of(row, task, each));
}

// A picture gets its name a moment before the queue knows.
void allow_coming(Task const& task, std::set<std::string>& names) {
  if (task.state != State::Downloading) return;
  auto plain = task;
  plain.place.clear();
  for (auto const& each : task.pictures)
    for (auto const number : {each.number, task.first + each.number - 1})
      for (auto const& its : {task, plain}) {
        auto wanted = each;
        wanted.file = PicturePaths{its}.file(number);
        names.insert(wanted.file);
        names.insert(part_name(wanted));
      }
}

std::set<std::string> names_in(Holding const& holding) {
  auto const& [row, purchases] = holding;
  std::set<std::string> names{"result.json", "document.md"};
  allow_held(row, row.task, names);
  for (auto const& each : purchases.refills) allow_held(row, each, names);
  allow_coming(row.task, names);
  for (auto const& each : purchases.refills) allow_coming(each, names);
  if (row.task.state != State::Done) allow_safe(purchases.replaced, names);
  return names;
}

std::vector<std::string> files_of(fs::path const& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    auto name = at->path().filename().string();
    if (is_ours_by_name(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string what_helps(JobRow const& row, Picture const& picture, Spool const& spool) {
  auto const redo = fmt::format("or buy it again: wanspool redo {}", name_of(row));
  if (row.task.name != name_of(row))
    return fmt::format("copy it from {}, where the same purchase lies; {}",
                       (spool.out / below_out(row.task.name, picture.file)).parent_path().string(), redo);
  return "put it back from a copy of out/; " + redo;
}

// A refill's pictures lie with its parent's, at the place of whoever it was bought for.
void look_at_pictures(Holding const& holding, Spool const& spool, Look& look) {
  auto const& [row, purchases] = holding;
  if (!has_its_pictures(row)) return;
  auto const look_at = [&](Task const& task) {
    for (auto const& each : task.pictures)
      if (!each.file.empty())
        look_at_picture(picture_path(row, task, each, spool), each, what_helps(row, each, spool), look);
  };
  look_at(row.task);
  for (auto const& refill : purchases.refills) look_at(refill);
}

}  // namespace

bool is_same(Holding const& left, Holding const& right) {
  return left.row.task == right.row.task && left.row.takes == right.row.takes &&
         left.row.delivered == right.row.delivered && left.row.place == right.row.place &&
         left.purchases == right.purchases;
}

void look_at_picture(fs::path const& file, Picture const& picture, std::string const& helps, Look& look) {
  if (auto what = wrong_with(file, picture); !what.empty()) {
    std::error_code ignored;
    bool const is_gone = fs::symlink_status(file, ignored).type() == fs::file_type::not_found;
    if (is_gone && look.removed && look.removed->has(file, picture.sha256)) return;
    look.findings.push_back({std::move(what), helps});
    return;
  }
  ++look.pictures;
  look.bytes += picture.bytes;
}

Look look_at_job(Holding const& holding, Spool const& spool, Removed* removed) {
  Look look;
  look.removed = removed;
  auto const folder = spool.out / name_of(holding.row);
  look_at_pictures(holding, spool, look);
  if (holding.row.task.state == State::Done && holding.row.delivered) look_at_story(holding, folder, look);
  auto const names = names_in(holding);
  for (auto const& each : files_of(folder))
    if (!names.contains(each)) look.findings.push_back(nobodys(folder / each));
  return look;
}

Look look_at_inputs(std::string const& job, std::string const& body, Spool const& spool) {
  Look look;
  for (auto const& name : local_pictures_in(body)) {
    auto const file = spool.files / name;
    std::error_code ignored;
    std::string wrong;
    if (!fs::exists(file, ignored))
      wrong = " is missing";
    else if (sha256_of_file(file) != name.substr(0, name.find('.')))
      wrong = " does not hold the bytes that were taken in (sha256)";
    if (!wrong.empty())
      look.findings.push_back({file.string() + wrong, "drop the manifest of " + job + " again"});
  }
  return look;
}

Look look_at_orphan(Task const& orphan, Spool const& spool, Removed* removed) {
  Look look;
  look.removed = removed;
  auto const folder = spool.orphan_folder(orphan.task_id);
  for (auto const& each : orphan.pictures)
    if (!each.file.empty())
      look_at_picture(folder / each.file, each,
                      "put it back from a copy; it is nobody's, so nothing waits for it", look);
  Holding alone;
  alone.row.task = orphan;
  auto const names = names_in(alone);
  for (auto const& each : files_of(folder))
    if (!names.contains(each)) look.findings.push_back(nobodys(folder / each));
  return look;
}

bool is_ours_by_name(std::string_view file) {
  if (file.ends_with(".part")) file.remove_suffix(5);
  if (file == "result.json" || file == "document.md") return true;
  if (!file.starts_with("image-")) return false;
  file.remove_prefix(6);
  auto const digits = file.find_first_not_of("0123456789");
  return digits != 0 && digits != file.npos && file[digits] == '.';
}

std::vector<Found> found_below(fs::path const& tree) {
  std::vector<Found> all;
  std::error_code error;
  fs::recursive_directory_iterator at{tree, fs::directory_options::skip_permission_denied, error}, end;
  for (; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (!at->is_directory(ignored) || at->is_symlink(ignored)) continue;
    auto files = files_of(at->path());
    if (!files.empty()) all.push_back({at->path().lexically_relative(tree), std::move(files)});
  }
  std::sort(all.begin(), all.end(), [](Found const& a, Found const& b) { return a.folder < b.folder; });
  return all;
}

std::optional<Finding> look_at_index(Reader& reader, Spool const& spool, std::string const& manifest) try {
  auto wrong = wrong_with_index(reader, spool, manifest);
  if (wrong.empty()) return {};
  return Finding{std::move(wrong), "start a daemon, or wanspool run: both make it anew"};
} catch (std::system_error const& error) {
  return Finding{error.what(), "wanspool list " + manifest + " --pictures --json tells the same"};
}

Finding nobodys(fs::path const& file) {
  if (file.extension() == ".part")
    return {file.string() + " is the beginning of a file that is not being fetched", "delete it"};
  return {file.string() + " belongs to no job, orphan or refill", "move it elsewhere, or delete it"};
}

std::vector<Finding> look_at_sums(Sum const& tasks, std::vector<Sum> const& ledgers) {
  std::vector<Finding> findings;
  auto const words = [](Sum const& sum) {
    return fmt::format("spent {}, reserved {}, uncertain {}", decimal(sum.spent), decimal(sum.reserved),
                       decimal(sum.uncertain));
  };
  for (auto const& each : ledgers)
    if (!each.agrees_with(tasks))
      findings.push_back(
          {fmt::format("the ledger {} comes to {}; the tasks come to {}", each.of, words(each), words(tasks)),
           "trust the provider's bill, and report this with a wanspool backup"});
  return findings;
}

}  // namespace wanspool::app
