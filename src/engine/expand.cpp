#include "engine/expand.h"

#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/files.h"
#include "base/sha256.h"
#include "provider/provider.h"

namespace wanspool {
namespace {

// A manifest of a million plain jobs is about 200 MB.
constexpr std::size_t kManifestMost = 512u << 20;

std::string line_of(NewJob const& job) {
  return nlohmann::json{{"name", job.name},         {"line", job.line},   {"fingerprint", job.fingerprint},
                        {"body", job.body},         {"model", job.model}, {"wanted", job.wanted},
                        {"price", job.price.micros}}
             .dump() +
         "\n";
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
  return row;
}

Expansion expand(std::filesystem::path const& manifest, std::string const& shown_as,
                 std::filesystem::path const& spill, Models const& models, std::string const& region) {
  auto const text = read_file(manifest, kManifestMost);
  std::ofstream out{spill, std::ios::binary | std::ios::trunc};
  auto head = read_manifest(text, shown_as, models, [&](ManifestJob const& job) {
    out << line_of(row_of(job, models.at(job.request.model), region));
  });
  out.close();
  if (!out) throw std::system_error{errno, std::generic_category(), "cannot write " + spill.string()};
  return {head.name, sha256_hex(text), head.jobs, std::move(head.complaints)};
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
