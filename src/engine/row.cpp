#include "base/sha256.h"
#include "core/input_names.h"
#include "engine/expand.h"
#include "provider/provider.h"

namespace wanspool {
namespace {

// "W*H" where the request fixes the measures of its pictures.
std::string size_of(JobRequest const& request) {
  auto const size = request.parameters.find("size");
  if (size == request.parameters.end()) return {};
  auto const* const text = std::get_if<std::string>(&size->second);
  return text && text->find('*') != std::string::npos ? *text : std::string{};
}

// What its pictures are, and which jobs they are of.
void look_at_inputs(JobRequest const& request, NewJob& row) {
  for (auto const& image : request.images) {
    if (!file_of_picture(image).empty()) row.inputs |= kLocalInput;
    if (is_web_picture(image)) row.inputs |= kWebInput;
    auto picture = picture_of_job(image);
    if (!picture) continue;
    row.inputs |= kJobInput;
    row.sources.push_back({std::move(picture->source), {}});
  }
}

// The body with this seed. A take from 2 on has its own whatever the request says, for with the same one it
// would be the same picture.
std::string seeded(Model const& model, JobRequest const& request, std::string body, std::uint32_t seed,
                   int take) {
  if (!request.verbatim.empty()) return take > 1 ? provider::redo_body(body, seed) : std::move(body);
  if (take == 1 && request.parameters.contains("seed")) return body;
  auto with_seed = request;  // cheaper than to read the body again
  with_seed.parameters["seed"] = static_cast<std::int64_t>(seed);
  return provider::create_body(model, with_seed);
}

}  // namespace

std::string take_fingerprint(std::string const& base, int take) {
  return take == 1 ? base : sha256_hex(base + "/take/" + std::to_string(take));
}

void identify(NewJob& row, std::string const& body) {
  auto const base = sha256_hex(body);
  auto const seed = provider::seed_of(base, row.take);
  row.fingerprint = take_fingerprint(base, row.take);
  if (row.take > 1) row.base = base;
  row.body = row.take > 1 ? provider::redo_body(body, seed) : provider::with_seed(body, seed);
}

NewJob row_of(ManifestJob const& job, Model const& model, std::string const& region) {
  NewJob row;
  row.name = job.id;
  row.line = job.line;
  row.take = job.take;
  row.model = job.request.model;
  row.wanted = job.pictures;
  row.price = model.price_in(region);
  row.size = size_of(job.request);
  row.mode = job.mode;
  row.place = job.place;
  row.vars = job.vars;
  look_at_inputs(job.request, row);
  auto body = provider::create_body(model, job.request);
  if (!row.sources.empty()) {
    row.body = std::move(body);
    return row;
  }
  auto const base = sha256_hex(body);
  row.fingerprint = take_fingerprint(base, job.take);
  if (job.take > 1) row.base = base;
  // A verbatim request goes as it was written; else the seed is ours, so that the story can tell it.
  row.body = seeded(model, job.request, std::move(body), provider::seed_of(base, job.take), job.take);
  return row;
}

}  // namespace wanspool
