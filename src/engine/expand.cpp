#include "engine/expand.h"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "base/disk.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/sha256.h"
#include "provider/provider.h"

namespace wanspool {
namespace {

// A manifest of a million plain jobs is about 200 MB.
constexpr std::size_t kManifestMost = 512u << 20;
constexpr std::size_t kSpillPiece = 64u << 10;

class SpillWriter {
 public:
  explicit SpillWriter(std::filesystem::path path) : path_{std::move(path)}, fd_{disk::create(path_, 0666)} {}
  void add(std::string_view line) {
    text_ += line;
    if (text_.size() >= kSpillPiece) flush();
  }
  void flush() {
    disk::write(fd_.get(), text_, path_);
    text_.clear();
  }

 private:
  std::filesystem::path path_;
  Fd fd_;
  std::string text_;
};

std::string line_of(NewJob const& job) {
  return nlohmann::json{{"name", job.name},          {"line", job.line},   {"fingerprint", job.fingerprint},
                        {"body", job.body},          {"model", job.model}, {"wanted", job.wanted},
                        {"price", job.price.micros}, {"size", job.size}}
             .dump() +
         "\n";
}

Expansion asked_by(CommandRead read) {
  Expansion expansion;
  expansion.command = std::move(read.command);
  expansion.head.complaints = std::move(read.complaints);
  return expansion;
}

// "W*H" where the request fixes the measures of its pictures.
std::string size_of(JobRequest const& request) {
  auto const size = request.parameters.find("size");
  if (size == request.parameters.end()) return {};
  auto const* const text = std::get_if<std::string>(&size->second);
  return text && text->find('*') != std::string::npos ? *text : std::string{};
}

NewJob row_from(std::string const& line) {
  auto const row = nlohmann::json::parse(line);
  NewJob job;
  row.at("name").get_to(job.name);
  row.at("line").get_to(job.line);
  row.at("fingerprint").get_to(job.fingerprint);
  row.at("body").get_to(job.body);
  row.at("model").get_to(job.model);
  row.at("wanted").get_to(job.wanted);
  row.at("price").get_to(job.price.micros);
  row.at("size").get_to(job.size);
  return job;
}

}  // namespace

NewJob row_of(ManifestJob const& job, Model const& model, std::string const& region) {
  NewJob row;
  row.name = job.id;
  row.line = job.line;
  auto body = provider::create_body(model, job.request);
  row.fingerprint = sha256_hex(body);
  // A verbatim request goes as it was written; else the seed is ours, so that the story can tell it.
  row.body = job.request.verbatim.empty() ? provider::with_seed(body, provider::seed_of(row.fingerprint, 1))
                                          : std::move(body);
  row.model = job.request.model;
  row.wanted = job.pictures;
  row.price = model.price_in(region);
  row.size = size_of(job.request);
  return row;
}

std::string manifest_text(std::filesystem::path const& file) {
  auto const too_large = [&] {
    return std::runtime_error{file.string() + " is larger than 512 MiB; split it into several manifests"};
  };
  std::error_code unknown;
  if (auto const size = std::filesystem::file_size(file, unknown); !unknown && size > kManifestMost)
    throw too_large();
  try {
    return read_file(file, kManifestMost);
  } catch (std::system_error const& error) {
    // Not as it came: what lies in the manifest must not pass for trouble with our own files.
    throw error.code() == std::errc::file_too_large ? too_large() : std::runtime_error{error.what()};
  }
}

ManifestHead read_rows(ManifestSource const& source, Models const& models, std::string const& region,
                       Selection const&, std::function<void(NewJob const&)> const& take) {
  return read_manifest(source, models, [&](ManifestJob const& job) {
    take(row_of(job, models.at(job.request.model), region));
  });
}

Expansion expand(std::filesystem::path const& claim, std::string const& source,
                 std::filesystem::path const& spill, Models const& models, std::string const& region) {
  auto const text = manifest_text(claim);
  if (is_command(text)) return asked_by(read_command(text, source));
  SpillWriter out{spill};
  Expansion expansion;
  expansion.head =
      read_rows({text, source}, models, region, {}, [&](NewJob const& job) { out.add(line_of(job)); });
  expansion.sha256 = sha256_hex(text);
  out.flush();
  return expansion;
}

SpillReader::SpillReader(std::filesystem::path const& spill) : file_{spill, std::ios::binary} {
  if (!file_) throw std::system_error{errno, std::generic_category(), "cannot read " + spill.string()};
}

std::vector<NewJob> SpillReader::next(std::size_t limit) {
  std::vector<NewJob> rows;
  std::string line;
  while (rows.size() < limit && std::getline(file_, line)) rows.push_back(row_from(line));
  return rows;
}

}  // namespace wanspool
