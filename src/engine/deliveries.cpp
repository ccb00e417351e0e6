#include "engine/deliveries.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/output.h"

namespace wanspool {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kAtOnce = 8;
constexpr milliseconds kAgain{5000};

// Everything a worker needs, and nothing that the wheel may change meanwhile.
struct Errand {
  fs::path from, old_from, to, old_to;
  std::vector<Picture> pictures;
  std::string story;
};

// The bytes that were bought, where they lie or where a newer picture has put them; "" if they are gone.
fs::path source_of(Errand const& errand, Picture const& picture) {
  for (auto const& folder : {errand.from, errand.old_from}) {
    auto const path = folder / picture.file;
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored) && sha256_hex(read_file(path)) == picture.sha256) return path;
  }
  return {};
}

std::vector<Picture> safe_in(std::vector<Task> const& family) {
  std::vector<Picture> pictures;
  for (auto const& task : family)
    for (auto const& picture : task.pictures)
      if (!picture.file.empty()) pictures.push_back(picture);
  return pictures;
}

// Throws std::system_error where it cannot be put there, std::runtime_error where it cannot be had.
fs::path copy(Errand const& errand, Picture const& picture) {
  auto const from = source_of(errand, picture);
  if (from.empty()) throw std::runtime_error{(errand.from / picture.file).string() + " is gone"};
  auto wanted = picture;
  wanted.bytes = 0;
  PictureSink sink{errand.to, errand.old_to, wanted};
  if (!copy_picture(from, sink)) {
    sink.discard();
    throw std::runtime_error{from.string() + " is not the picture that was bought: " + sink.complaint()};
  }
  auto const news = sink.finish();
  if (auto const* missed = std::get_if<news::PictureMissed>(&news))
    throw std::system_error{std::make_error_code(std::errc::no_space_on_device), missed->trouble.message};
  return errand.to / picture.file;
}

void run(Errand const& errand, std::vector<fs::path>& copied) {
  std::set<std::string> files;
  for (auto const& picture : errand.pictures) {
    copied.push_back(copy(errand, picture));
    files.insert(picture.file);
  }
  std::error_code ignored;
  auto const document = errand.from / "document.md";
  auto const text = fs::exists(document, ignored) ? read_file(document) : std::string{};
  store_story(errand.to, errand.old_to, text, errand.story, files);
}

}  // namespace

void Deliveries::step(Instant now) {
  if (!may_be_some_ || now < retry_ || under_way_.size() >= kAtOnce) return;
  auto const jobs = store_.undelivered(under_way_.size() + kAtOnce);
  may_be_some_ = jobs.size() >= under_way_.size() + kAtOnce;
  for (auto const& job : jobs)
    if (under_way_.insert(job.job).second) deliver(job, now);
}

Instant Deliveries::next_step(Instant now) const {
  return may_be_some_ && under_way_.size() < kAtOnce ? std::max(now, retry_) : Instant::max();
}

void Deliveries::deliver(Undelivered const& job, Instant now) {
  auto const story = outside_.story(job.task);
  auto renamed = job.task;
  renamed.name = job.name;
  auto family = outside_.family(renamed);
  Errand errand;
  try {
    errand.from = spool_.job_folder(job.task.name);
    errand.to = spool_.job_folder(job.name);
    errand.old_from = spool_.old_folder(job.task.name) / story.fingerprint.substr(0, 12);
    errand.old_to = spool_.old_folder(job.name);
  } catch (std::system_error const& error) {
    return ended(job.job, error.what(), now);
  }
  errand.pictures = safe_in(family);
  errand.story = result_json(renamed, story, family);
  workers_.submit([this, job, renamed, errand = std::move(errand), now]() -> Workers::After {
    std::vector<fs::path> copied;
    std::string trouble, loss;
    try {
      run(errand, copied);
    } catch (std::system_error const& error) {
      trouble = trouble_of(error).message;
    } catch (std::runtime_error const& error) {
      loss = error.what();
    }
    return [this, job, renamed, copied, trouble, loss, now, wanted = errand.pictures.size()] {
      for (auto const& path : copied) outside_.tell(path);
      // Nothing brings back what somebody took away; `verify` names it until it is bought again.
      if (!loss.empty()) log::warning("{} gets no copy of its pictures: {}", job.name, loss);
      bool const more = safe_in(outside_.family(renamed)).size() > wanted;
      ended(job.job, more ? "a refill has come meanwhile" : trouble, now);
    };
  });
}

void Deliveries::ended(std::int64_t job, std::string const& trouble, Instant now) {
  if (trouble.empty()) {
    done_.push_back(job);
    return;
  }
  log::warning("copies of bought pictures wait: {}", trouble);
  under_way_.erase(job);
  may_be_some_ = true;
  retry_ = now + kAgain;
}

std::vector<std::int64_t> Deliveries::take_done() {
  return std::exchange(done_, {});
}

void Deliveries::committed(std::vector<std::int64_t> const& jobs) {
  for (auto const job : jobs) under_way_.erase(job);
}

}  // namespace wanspool
