#include "manifest/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/files.h"
#include "manifest/images.h"
#include "manifest/parameters.h"
#include "manifest/verbatim.h"

namespace wanspool::yaml {
namespace {

constexpr auto kUsualModel = "wan2.6-image";

// Names that out/ and its folders use themselves (design §9).
bool is_reserved(std::string_view name) {
  return name == "metadata.jsonl" || name == "result.json" || name == "document.md" ||
         name.starts_with("image-");
}

constexpr std::size_t kPromptFilesKept = 64;
constexpr std::size_t kPromptFileMost = 1 << 20;

// Reads the keys of one job.
class Job {
 public:
  Job(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts,
      Complaints& complaints)
      : layers_{layers}, filler_{filler}, models_{models}, prompts_{prompts}, complaints_{complaints} {}

  void read(ManifestJob& job) {
    read_place(job);
    if (auto const* const request = layers_.own->find("request")) {
      read_verbatim_request(request->value, job);
      return;
    }
    read_prompt_text(job.request);
    read_images(job.request);
    auto const* const model = read_model();
    if (model == nullptr) return;
    job.request.model = model->name;
    auto const* const mode = read_mode(*model);
    if (mode == nullptr) return;
    check_prompt(*model, job.request);
    check_image_count(*model, *mode, image_count_, images_ ? *images_ : layers_.job, complaints_);
    read_parameters(*model, *mode, job.request);
    job.pictures = count(*mode, job.request);
  }

 private:
  std::optional<View> find(std::string_view key, Filler::Empty empty = Filler::Empty::Wrong) {
    auto const found = layers_.find(key);
    return found ? filler_.fill(*found, empty) : std::nullopt;
  }

  // Each part obeys the rule of names, so that no picture can leave the tree (design §9).
  void read_place(ManifestJob& job) {
    auto const found = find("picture");
    if (!found) return;
    auto const path = read_word(*found, "picture", complaints_);
    if (!path) return;
    if (path->find('\\') != std::string::npos)
      return complaints_.add(*found, "a path is written with '/', not with '\\'");
    for (std::string_view rest = *path; !rest.empty();) {
      auto const slash = std::min(rest.find('/'), rest.size());
      auto const part = normal_name(rest.substr(0, slash));
      if (part.empty() || is_reserved(part))
        return complaints_.add(*found, fmt::format("picture '{}' has a part '{}' that no file can have",
                                                   *path, rest.substr(0, slash)));
      job.place += (job.place.empty() ? "" : "/") + part;
      rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
  }

  void read_verbatim_request(View request, ManifestJob& job) {
    for (auto const* const key : {"prompt", "images", "parameters", "model"})
      if (auto const* const own = layers_.find_own(key))
        complaints_.add(own->key,
                        fmt::format("'{}' cannot stand beside 'request', which says it all itself", key));
    auto const whole = filler_.fill(request);
    if (!whole) return;
    if (auto body = read_verbatim(*whole, models_, complaints_)) {
      job.request.model = std::move(body->model);
      job.request.verbatim = std::move(body->json);
      job.pictures = body->pictures;
    }
  }

  void read_prompt_text(JobRequest& request) {
    auto const before = complaints_.count();
    prompt_ = find("prompt");
    if (!prompt_) {
      if (complaints_.count() == before) complaints_.add(layers_.job, "this job has no 'prompt'");
      return;
    }
    if (prompt_->is(Node::Kind::Map)) prompt_ = read_prompt_file(*prompt_);
    if (!prompt_) return;
    if (auto text = read_prose(*prompt_, "prompt", complaints_)) request.prompt = std::move(*text);
    if (request.prompt.empty() && complaints_.count() == before) complaints_.add(*prompt_, "prompt is empty");
  }

  std::optional<View> read_prompt_file(View map) {
    auto const file = map.size() == 2 && map[0].text() == "file" ? std::optional{map[1]} : std::nullopt;
    if (!file) {
      complaints_.add(map, "prompt is a text, or { file: PATH } for one that stands in a file of its own");
      return {};
    }
    auto const written = read_word(*file, "file", complaints_);
    if (!written) return {};
    auto const* const text = prompts_.read(*file, *written, complaints_);
    return text == nullptr ? std::nullopt : filler_.fill_text(*file, *text);
  }

  void check_prompt(Model const& model, JobRequest const& request) {
    auto const count = characters(request.prompt);
    if (!prompt_ || count <= static_cast<std::size_t>(model.prompt_characters)) return;
    complaints_.add(*prompt_,
                    fmt::format("prompt has {} characters; {} reads {} and cuts the rest in silence", count,
                                model.name, model.prompt_characters));
  }

  void read_images(JobRequest& request) {
    auto const before = complaints_.count();
    images_ = find("images", Filler::Empty::LeftOut);
    if (!images_) {
      image_count_ = complaints_.count() == before ? 0 : 1;
      return;
    }
    if (!images_->is(Node::Kind::List)) {
      complaints_.add(*images_,
                      fmt::format("images is a list, not {}; write [ … ] or lines that begin with '- '",
                                  spoken(*images_)));
      image_count_ = 1;
      return;
    }
    image_count_ = images_->size();
    for (std::size_t i = 0; i < images_->size(); ++i)
      if (auto image = read_image((*images_)[i], complaints_)) request.images.push_back(std::move(*image));
  }

  Model const* read_model() {
    auto const before = complaints_.count();
    if (auto const value = find("model")) return find_model(*value, models_, complaints_);
    if (complaints_.count() != before) return nullptr;
    auto const usual = models_.find(kUsualModel);
    if (usual != models_.end()) return &usual->second;
    complaints_.add(layers_.job, "this job names no 'model'");
    return nullptr;
  }

  Layers::Given const* given(std::string_view name) const {
    for (auto const& each : given_)
      if (each.field.key.text() == name) return &each;
    return nullptr;
  }

  Mode const* read_mode(Model const& model) {
    given_ = layers_.parameters(complaints_);
    auto const* const asked = given("enable_interleave");
    bool const known = std::any_of(model.modes.begin(), model.modes.end(), [](Mode const& mode) {
      return mode.parameter("enable_interleave") != nullptr;
    });
    if (asked == nullptr || !known || asked->field.value.is(Node::Kind::Null)) return &model.mode(false);
    auto const value = filler_.fill(asked->field.value);
    auto const interleave = value ? read_boolean(*value, "enable_interleave", complaints_) : std::nullopt;
    return interleave ? &model.mode(*interleave) : nullptr;
  }

  void read_parameters(Model const& model, Mode const& mode, JobRequest& request) {
    for (auto const& parameter : mode.parameters)
      if (parameter.fallback) request.parameters[parameter.name] = *parameter.fallback;
    auto const who = spoken(model, mode);
    for (auto const& [field, own] : given_) {
      auto const& name = field.key.text();
      auto const* const parameter = mode.parameter(name);
      if (parameter == nullptr) {
        // A default for another mode or model waits for a job of that kind; Defaults knows it is a parameter.
        if (own && name != "<<") complaints_.add(field.key, unknown_parameter(model, mode, name, models_));
      } else if (!field.value.is(Node::Kind::Null)) {
        auto const filled = filler_.fill(field.value);
        // An empty cell leaves it as if it were not given.
        bool const is_cell = filled && filled->is(Node::Kind::Scalar) && filled->node().data;
        if (is_cell && trimmed(filled->text()).empty()) continue;
        auto value = filled ? read_parameter(*parameter, *filled, who, complaints_) : std::nullopt;
        if (value) request.parameters[name] = std::move(*value);
      }
    }
  }

  static int count(Mode const& mode, JobRequest const& request) {
    auto const found = request.parameters.find(mode.count);
    if (found == request.parameters.end()) return 1;
    auto const* const number = std::get_if<std::int64_t>(&found->second);
    return number == nullptr ? 1 : static_cast<int>(*number);
  }

  Layers const& layers_;
  Filler& filler_;
  Models const& models_;
  PromptFiles& prompts_;
  Complaints& complaints_;
  std::optional<View> prompt_, images_;
  std::size_t image_count_ = 0;
  std::vector<Layers::Given> given_;
};

}  // namespace

std::optional<std::string> read_name(View value, std::string_view what, std::string const& otherwise,
                                     Complaints& complaints) {
  auto const word = read_word(value, what, complaints);
  if (!word) return {};
  if (!is_uncut(value, what, complaints)) return {};
  auto name = normal_name(*word);
  if (name.empty()) name = otherwise;
  if (name.empty()) {
    complaints.add(value, fmt::format("{} '{}' holds neither letters nor digits", what, *word));
  } else if (is_reserved(name)) {
    complaints.add(value,
                   fmt::format("{} '{}' is a name that the output folders use themselves", what, name));
  } else {
    return name;
  }
  return {};
}

Model const* find_model(View value, Models const& models, Complaints& complaints) {
  auto const name = read_word(value, "model", complaints);
  if (!name) return nullptr;
  auto const found = models.find(*name);
  if (found != models.end()) return &found->second;
  std::vector<std::string> names;
  std::string list;
  for (auto const& [each, model] : models) {
    names.push_back(each);
    list += (list.empty() ? "" : ", ") + each;
  }
  auto const meant = did_you_mean(*name, names);
  complaints.add(
      value, fmt::format("model '{}' is unknown{}", *name, meant.empty() ? "; known are " + list : meant));
  return nullptr;
}

std::string const* PromptFiles::read(View where, std::string const& written, Complaints& complaints) {
  if (auto const known = texts_.find(written); known != texts_.end()) return &known->second;
  auto const refuse = [&](std::string const& why) {
    complaints.add(where, fmt::format("cannot read the prompt '{}': {}", written, why));
    return nullptr;
  };
  if (written.find('\\') != std::string::npos) return refuse("a path is written with '/', not with '\\'");
  if (!find_) return refuse("files beside the manifest cannot be read here");
  auto const found = find_(written);
  if (!found.why_not.empty()) return refuse(found.why_not);
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(found.path, unknown))
    return refuse(std::filesystem::exists(found.path, unknown) ? "it is no plain file"
                                                               : "there is no such file");
  std::string bytes;
  try {
    bytes = read_file(found.path, kPromptFileMost);
  } catch (std::system_error const& error) {
    return refuse(error.code() == std::errc::file_too_large ? "it is larger than 1 MiB"
                                                            : error.code().message());
  }
  Text const text{bytes};
  if (auto const flaw = text.flaw()) {
    auto const place = text.place(flaw->at);
    complaints.add_elsewhere({written, place.line, place.column, flaw->text});
    return nullptr;
  }
  if (texts_.size() >= kPromptFilesKept) texts_.clear();
  return &(texts_[written] = std::string{text.bytes()});
}

void read_request(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts,
                  Complaints& complaints, ManifestJob& job) {
  Job{layers, filler, models, prompts, complaints}.read(job);
}

}  // namespace wanspool::yaml
