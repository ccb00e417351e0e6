#include "engine/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <vector>

#include "base/disk.h"
#include "base/files.h"
#include "engine/older.h"

namespace wanspool {
namespace {

// As many bytes as it takes to see that they are a PNG's.
constexpr std::int64_t kSignatureSize = 8;

// A write for each piece of 16 KiB costs more than the pieces do.
constexpr std::int64_t kWrittenAtOnce = 128 << 10;

// Between a look at what has a picture's name and the change of it nobody else changes it: two jobs may
// follow each other in one place.
std::mutex names_change;

// Where "bytes 100-199/200" begins (RFC 9110 §14.4); -1 for what is something else.
std::int64_t start_of(std::string_view content_range) {
  static constexpr std::string_view kUnit = "bytes ";
  if (!content_range.starts_with(kUnit)) return -1;
  content_range.remove_prefix(kUnit.size());
  std::int64_t start = -1;
  auto const* const last = content_range.data() + content_range.size();
  auto const [end, error] = std::from_chars(content_range.data(), last, start);
  return error == std::errc{} && end != last && *end == '-' && start >= 0 ? start : -1;
}

bool is_picture(std::string_view name) {
  return name.starts_with("image-") && name.ends_with(".png");
}

bool is_part(std::string_view name) {
  return name.starts_with("image-") && name.ends_with(".part");
}

std::vector<std::filesystem::path> files_in(std::filesystem::path const& folder) {
  std::vector<std::filesystem::path> files;
  for (auto const& each : std::filesystem::directory_iterator{folder})
    if (each.is_regular_file() && !each.is_symlink()) files.push_back(each.path());
  return files;
}

bool differs(std::filesystem::path const& file, std::string const& text) {
  return sha256_of_file(file) != sha256_hex(text);
}

// Pictures of the older story that have names of their own, in its folder or elsewhere, as long as they are
// still what it tells of.
std::vector<std::filesystem::path> placed_by(std::filesystem::path const& folder) {
  std::vector<std::filesystem::path> files;
  for (auto const& told : pictures_told(folder / "result.json"))
    if (auto const file = (folder / told.file).lexically_normal();
        !(file.parent_path() == folder && is_picture(file.filename().string())) && !told.sha256.empty() &&
        sha256_of_file(file) == told.sha256)
      files.push_back(file);
  return files;
}

// Before result.json is replaced, so that a crash in between finds the older one again and goes on here.
void replace_older(std::filesystem::path const& folder, std::filesystem::path const& old,
                   std::string const& document, std::set<std::string> const& files, std::string const& key) {
  std::vector<std::filesystem::path> surplus;
  for (auto const& file : files_in(folder)) {
    auto const name = file.filename().string();
    bool const is_document = name == "document.md" && differs(file, document);
    if (is_picture(name) && !files.contains(name)) surplus.push_back(file);
    if (is_document && document.empty()) surplus.push_back(file);
    if ((is_picture(name) && !files.contains(name)) || is_document || name == "result.json")
      keep_older(file, old, key);
  }
  std::set<std::filesystem::path> ours;
  for (auto const& file : files) ours.insert((folder / file).lexically_normal());
  // These stay: when rows move on by one, a place and what lies there are the next job's, and nothing here
  // knows whose they are.
  for (auto const& file : placed_by(folder))
    if (!ours.contains(file)) keep_older(file, old, key);
  // A newer version that brought nothing takes nothing's place.
  if (files.empty() && document.empty()) return;
  for (auto const& file : surplus) disk::remove(file);
}

}  // namespace

// Signatures change with every query, the path is the picture's own (contract §6).
std::string part_name(Picture const& picture) {
  auto const address = std::string_view{picture.url};
  auto const hash = sha256_hex(address.substr(0, address.find('?'))).substr(0, 8);
  return fmt::format("{}.{}.part", std::filesystem::path{picture.file}.filename().string(), hash);
}

PictureSink::PictureSink(std::filesystem::path const& folder, std::filesystem::path old,
                         Picture const& wanted, std::filesystem::path displaced)
    : story_{folder / "result.json"},
      old_{std::move(old)},
      displaced_{std::move(displaced)},
      place_{(folder / wanted.file).lexically_normal()},
      picture_{wanted} {
  auto const its = place_.parent_path();
  // Its own entry is synced by finish(): a sync here would stop the wheel once for each job.
  make_folders(its.parent_path());
  disk::make_folder(its);
  part_ = its / part_name(picture_);
  resume();
}

// A part that is whole already was stopped before its renaming: fetching it again is simpler than a second
// way to an end.
void PictureSink::resume() {
  auto const look = [this](std::string_view bytes) { return sum_.add(bytes), check_.take(bytes); };
  bool const is_beginning =
      pass_file(part_, look) && check_.bytes() >= kSignatureSize && !check_.whole() && !check_.hopeless();
  if (!is_beginning) return start_over();
  file_ = disk::append(part_);
  resume_from_ = check_.bytes();
}

void PictureSink::start_over() {
  check_ = {};
  sum_ = {};
  hex_.clear();
  resume_from_ = 0;
  waiting_.clear();
  file_ = disk::create(part_, 0666);
}

bool PictureSink::begin(int status, std::string_view content_range) {
  begun_ = true;
  if (status == 206) {
    if (start_of(content_range) == resume_from_) return true;
    return refuse(fmt::format("the storage sent another part than the one from byte {} on ('{}')",
                              resume_from_, content_range.substr(0, 60)));
  }
  if (resume_from_ == 0) return true;
  try {
    start_over();
  } catch (std::system_error const& error) {
    disk_trouble_ = trouble_of(error);
    return false;
  }
  return true;
}

bool PictureSink::take(std::string_view bytes) {
  if (!begun_ && !begin(200, {})) return false;
  if (!check_.take(bytes)) return false;
  waiting_ += bytes;
  sum_.add(bytes);
  // What has just begun shows at once whether the disk takes it.
  if (check_.bytes() > kWrittenAtOnce && std::ssize(waiting_) < kWrittenAtOnce) return true;
  return flush();
}

bool PictureSink::flush() try {
  disk::write(file_.get(), waiting_, part_);
  waiting_.clear();
  return true;
} catch (std::system_error const& error) {
  disk_trouble_ = trouble_of(error);
  return false;
}

bool PictureSink::refuse(std::string why) {
  refusal_ = std::move(why);
  return false;
}

std::string PictureSink::complaint() const {
  if (disk_trouble_) return disk_trouble_->message;
  return refusal_.empty() ? check_.complaint() : refusal_;
}

std::string const& PictureSink::its_sum() {
  if (hex_.empty()) hex_ = sum_.hex();
  return hex_;
}

bool PictureSink::fits() {
  if (picture_.sha256.empty() || its_sum() == picture_.sha256) return true;
  return refuse("it is another picture than the one that was bought");
}

News PictureSink::finish() {
  picture_.sha256 = its_sum();
  try {
    disk::write(file_.get(), waiting_, part_);
    waiting_ = {};
    disk::sync(file_.get(), part_);
    file_.reset();
    put_in_place(picture_.sha256);
  } catch (std::system_error const& error) {
    auto trouble = trouble_of(error);
    discard();
    return news::PictureMissed{picture_.number, std::move(trouble)};
  }
  picture_.bytes = check_.bytes();
  picture_.width = check_.width();
  picture_.height = check_.height();
  return news::PictureSafe{picture_};
}

void PictureSink::put_in_place(std::string const& sha256) {
  auto const folder = place_.parent_path();
  {
    std::lock_guard const alone{names_change};
    if (!old_.empty() && std::filesystem::exists(place_))
      if (auto const there = sha256_of_file(place_); there != sha256) make_room(there);
    disk::rename(part_, place_);
  }
  disk::sync_folder(folder);
  disk::sync_folder(folder.parent_path());
}

// Whose place this was until now finds its picture by its sum.
void PictureSink::make_room(std::string const& sha256) {
  auto const told = pictures_told(story_);
  bool const is_ours =
      std::any_of(told.begin(), told.end(), [&](auto const& each) { return each.sha256 == sha256; });
  if (!displaced_.empty() && !is_ours && !sha256.empty()) return keep_displaced(place_, displaced_, sha256);
  auto const key = older_key(story_);
  keep_older(place_, old_, key.empty() ? std::string{kUnknownStory} : key);
}

void PictureSink::let_go(Reply const& reply) {
  bool const interrupted = !reply.complete() && !reply.local;
  bool const no_body = reply.complete() && reply.status / 100 != 2 && reply.status != 416;
  bool const is_useful =
      check_.bytes() >= kSignatureSize && !check_.hopeless() && !disk_trouble_ && refusal_.empty();
  if (!is_useful || !(interrupted || no_body) || !flush()) return discard();
  file_.reset();
}

void PictureSink::discard() {
  waiting_ = {};
  file_.reset();
  try {
    disk::remove(part_);
  } catch (std::system_error const&) {
    // The next one is written over it.
  }
}

bool copy_picture(std::filesystem::path const& from, PictureSink& sink) {
  if (!sink.begin(200, {})) return false;
  bool const is_read = pass_file(from, [&](std::string_view bytes) { return sink.take(bytes); });
  return is_read && sink.whole() && !sink.disk_trouble() && sink.fits();
}

void take_away(std::filesystem::path const& picture, std::string const& sha256) {
  std::lock_guard const alone{names_change};
  if (!sha256.empty() && sha256_of_file(picture) == sha256) disk::remove(picture);
}

Trouble trouble_of(std::system_error const& error) {
  if (error.code() == std::errc::io_error) throw error;
  return {Trouble::Kind::Lane, disk_is_full(error.code()) ? kDiskFull : "Disk", error.what()};
}

void store_story(std::filesystem::path const& folder, std::filesystem::path const& old,
                 std::string const& document, std::string const& result_json,
                 std::set<std::string> const& files) {
  make_folders(folder);
  auto const key = older_key(folder / "result.json");
  if (!old.empty() && !key.empty() && key != key_of_story(result_json))
    replace_older(folder, old, document, files, key);
  for (auto const& file : files_in(folder))
    if (is_part(file.filename().string())) disk::remove(file);
  if (!document.empty()) write_file_safely(folder / "document.md", document);
  write_file_safely(folder / "result.json", result_json);
}

std::string with_links(std::string document, std::vector<std::string> const& from,
                       std::vector<std::string> const& to) {
  for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i) {
    auto const link = "](" + from[i] + ")", fresh = "](" + to[i] + ")";
    for (auto at = document.find(link); at != document.npos; at = document.find(link, at + fresh.size()))
      document.replace(at, link.size(), fresh);
  }
  return document;
}

}  // namespace wanspool
