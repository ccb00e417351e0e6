#include "engine/spill.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "base/disk.h"
#include "base/files.h"

namespace wanspool {
namespace {

constexpr std::size_t kPiece = 256u << 10;
constexpr std::size_t kLookEvery = 16u << 20;
// For pictures that are paid for, which no manifest may keep from the disk.
constexpr std::uintmax_t kReserve = 256u << 20;

using Length = std::uint32_t;

void put(std::string& text, std::int64_t number) {
  text.append(reinterpret_cast<char const*>(&number), sizeof number);
}

void put(std::string& text, std::string const& word) {
  auto const length = static_cast<Length>(word.size());
  text.append(reinterpret_cast<char const*>(&length), sizeof length);
  text += word;
}

[[noreturn]] void cut_off(std::filesystem::path const& path) {
  throw std::system_error{EIO, std::generic_category(), "cannot read all of " + path.string()};
}

// Takes one field after the other from a record.
class Fields {
 public:
  Fields(std::string_view record, std::filesystem::path const& path) : rest_{record}, path_{path} {}

  void take(std::int64_t& number) { std::memcpy(&number, bytes(sizeof number).data(), sizeof number); }
  void take(int& number) {
    std::int64_t wide = 0;
    take(wide);
    number = static_cast<int>(wide);
  }
  void take(std::string& word) {
    Length length = 0;
    std::memcpy(&length, bytes(sizeof length).data(), sizeof length);
    word = bytes(length);
  }

 private:
  std::string_view bytes(std::size_t count) {
    if (rest_.size() < count) cut_off(path_);
    auto const taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
  std::filesystem::path const& path_;
};

}  // namespace

SpillWriter::SpillWriter(std::filesystem::path path, std::uint64_t most)
    : path_{std::move(path)}, fd_{disk::create(path_, 0666)}, left_{most} {}

void SpillWriter::add(NewJob const& job) {
  auto const begin = text_.size();
  put(text_, 0);  // the record's length, known at its end
  for (auto const* const word :
       {&job.name, &job.fingerprint, &job.body, &job.model, &job.size, &job.base, &job.place, &job.vars})
    put(text_, *word);
  for (auto const number :
       {std::int64_t{job.line}, std::int64_t{job.wanted}, job.price.micros, std::int64_t{job.take},
        std::int64_t{job.inputs}, static_cast<std::int64_t>(job.sources.size())})
    put(text_, number);
  for (auto const& source : job.sources) put(text_, source.job);
  auto const length = static_cast<std::int64_t>(text_.size() - begin - sizeof(std::int64_t));
  std::memcpy(text_.data() + begin, &length, sizeof length);
  if (text_.size() >= kPiece) finish();
}

void SpillWriter::finish() {
  if (text_.size() > left_) throw SpillTooLong{};
  left_ -= text_.size();
  unlooked_ += text_.size();
  if (unlooked_ >= kLookEvery) look_at_room();
  disk::write(fd_.get(), text_, path_);
  text_.clear();
}

void SpillWriter::look_at_room() {
  unlooked_ = 0;
  auto const room = free_space(path_.parent_path());
  if (room >= kReserve + text_.size()) return;
  throw std::runtime_error{fmt::format(
      "its jobs take more room than the disk has: {} MiB are free in {}, and {} MiB are kept for pictures; "
      "make room, split it into several manifests, or name pictures by their address instead of writing "
      "them into it",
      room >> 20, path_.parent_path().string(), kReserve >> 20)};
}

SpillReader::SpillReader(std::filesystem::path const& spill) : path_{spill}, file_{spill, std::ios::binary} {
  if (!file_) throw std::system_error{errno, std::generic_category(), "cannot read " + spill.string()};
}

bool SpillReader::read_record() {
  std::int64_t length = 0;
  file_.read(reinterpret_cast<char*>(&length), sizeof length);
  if (file_.gcount() == 0) return false;
  if (file_.gcount() != sizeof length || length < 0) cut_off(path_);
  record_.resize(static_cast<std::size_t>(length));
  if (!file_.read(record_.data(), length)) cut_off(path_);
  return true;
}

std::vector<NewJob> SpillReader::next(std::size_t limit) {
  std::vector<NewJob> rows;
  while (rows.size() < limit && read_record()) {
    auto& job = rows.emplace_back();
    Fields fields{record_, path_};
    for (auto* const word :
         {&job.name, &job.fingerprint, &job.body, &job.model, &job.size, &job.base, &job.place, &job.vars})
      fields.take(*word);
    fields.take(job.line);
    fields.take(job.wanted);
    fields.take(job.price.micros);
    fields.take(job.take);
    fields.take(job.inputs);
    std::int64_t sources = 0;
    for (fields.take(sources); sources > 0; --sources) fields.take(job.sources.emplace_back().job);
  }
  return rows;
}

}  // namespace wanspool
