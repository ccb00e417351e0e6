#include "engine/output.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "base/disk.h"
#include "base/files.h"
#include "engine/older.h"

namespace wanspool {
namespace {

// As many bytes as it takes to see that they are a PNG's.
constexpr std::int64_t kSignatureSize = 8;

// Signatures change with every query, the path is the picture's own (contract §6).
std::string part_name(Picture const& picture) {
  auto const address = std::string_view{picture.url};
  auto const hash = sha256_hex(address.substr(0, address.find('?'))).substr(0, 8);
  return fmt::format("{}.{}.part", picture.file, hash);
}

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
  // A newer version that brought nothing takes nothing's place.
  if (files.empty() && document.empty()) return;
  for (auto const& file : surplus) disk::remove(file);
}

}  // namespace

PictureSink::PictureSink(std::filesystem::path folder, std::filesystem::path old, Picture const& wanted)
    : folder_{std::move(folder)}, old_{std::move(old)}, picture_{wanted} {
  // Its own entry is synced by finish(): a sync here would stop the wheel once for each job.
  make_folders(folder_.parent_path());
  disk::make_folder(folder_);
  picture_.file = fmt::format("image-{}.png", picture_.number);
  part_ = folder_ / part_name(picture_);
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
  resume_from_ = 0;
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
  try {
    disk::write(file_.get(), bytes, part_);
  } catch (std::system_error const& error) {
    disk_trouble_ = trouble_of(error);
    return false;
  }
  sum_.add(bytes);
  return true;
}

bool PictureSink::refuse(std::string why) {
  refusal_ = std::move(why);
  return false;
}

std::string PictureSink::complaint() const {
  if (disk_trouble_) return disk_trouble_->message;
  return refusal_.empty() ? check_.complaint() : refusal_;
}

News PictureSink::finish() {
  picture_.sha256 = sum_.hex();
  try {
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
  auto const place = folder_ / picture_.file;
  if (!old_.empty() && std::filesystem::exists(place) && sha256_of_file(place) != sha256) {
    auto const key = older_key(folder_ / "result.json");
    keep_older(place, old_, key.empty() ? "unknown" : key);
  }
  disk::rename(part_, place);
  disk::sync_folder(folder_);
  disk::sync_folder(folder_.parent_path());
}

void PictureSink::let_go(Reply const& reply) {
  bool const interrupted = !reply.complete() && !reply.local;
  bool const no_body = reply.complete() && reply.status / 100 != 2 && reply.status != 416;
  bool const is_useful =
      check_.bytes() >= kSignatureSize && !check_.hopeless() && !disk_trouble_ && refusal_.empty();
  if (!is_useful || !(interrupted || no_body)) return discard();
  file_.reset();
}

void PictureSink::discard() {
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
  return is_read && sink.whole() && !sink.disk_trouble();
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

}  // namespace wanspool
