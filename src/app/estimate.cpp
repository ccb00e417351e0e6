#include "app/estimate.h"

#include <fmt/format.h>

#include <cstdio>
#include <system_error>

#include "app/words.h"
#include "base/files.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kManifestMost = 512u << 20;

// What the inbox would not look at, said before somebody waits for it.
std::string wrong_name(fs::path const& file) {
  auto const name = file.filename().string();
  auto const ending = file.extension();
  std::error_code ignored;
  if (fs::is_directory(file, ignored))
    return "is a folder, and bundles are not understood by this version yet; give the manifest file itself";
  if (name.starts_with('.')) return "has a hidden name, which the inbox leaves alone; give it another one";
  if (ending == ".yaml" || ending == ".yml" || ending == ".json") return {};
  return "is not a manifest by its name; manifests end in .yaml, .yml or .json";
}

void read(Estimate& result, Models const& models, std::string const& region) {
  auto const text = read_file(result.file, kManifestMost);
  auto const head = read_manifest({text, result.file}, models, [&](ManifestJob const& job) {
    auto const& model = models.at(job.request.model);
    result.pictures += job.pictures;
    result.price += model.price_in(region) * job.pictures;
  });
  result.manifest = head.name;
  result.jobs = head.jobs;
  result.complaints = head.complaints;
}

}  // namespace

std::string Estimate::str() const {
  return fmt::format("{}: {}, at most {}, at most {}", file, count_of(static_cast<std::int64_t>(jobs), "job"),
                     count_of(pictures, "picture"), money(price, currency));
}

Estimate estimate(std::string const& file, Models const& models, std::string const& region) {
  Estimate result;
  result.file = file;
  result.currency = models.empty() ? "" : models.begin()->second.currency;
  if (auto const wrong = wrong_name(file); !wrong.empty()) {
    result.complaints.push_back({file, 0, 0, wrong});
    return result;
  }
  try {
    read(result, models, region);
  } catch (std::system_error const& error) {
    result.complaints.push_back({file, 0, 0, error.what()});
  }
  return result;
}

bool tell_complaints(std::vector<Estimate> const& estimates) {
  bool good = true;
  for (auto const& each : estimates) {
    for (auto const& complaint : each.complaints) std::fprintf(stderr, "%s\n", complaint.str().c_str());
    good = good && each.ok();
  }
  return good;
}

}  // namespace wanspool::app
