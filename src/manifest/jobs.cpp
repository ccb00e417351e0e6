#include "manifest/jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "manifest/images.h"
#include "manifest/nested.h"
#include "manifest/parameters.h"
#include "manifest/verbatim.h"

namespace wanspool::yaml {
namespace {

// Names that out/ and its folders use themselves (design §9); STATUS.txt in small letters, as all names are
// here, for shares that make no difference.
bool is_reserved(std::string_view name) {
  return name == "metadata.jsonl" || name == "status.txt" || name == "result.json" || name == "document.md" ||
         name.starts_with("image-");
}

// Reads the keys of one job.
class Job {
 public:
  Job(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts, Pictures& pictures,
      Complaints& complaints)
      : layers_{layers},
        filler_{filler},
        models_{models},
        prompts_{prompts},
        pictures_{pictures},
        complaints_{complaints} {}

  void read(ManifestJob& job) {
    read_place(job);
    if (auto const* const request = layers_.own->find("request")) {
      read_verbatim_request(request->value, job);
      return;
    }
    read_prompt_text(job.request);
    read_images(job);
    if (layers_.defaults->are_unknown()) return complaints_.follow_up();
    auto const* const model = read_model();
    if (model == nullptr) return;
    job.request.model = model->name;
    auto const* const mode = read_mode(*model);
    if (mode == nullptr) return;
    job.mode = mode->name;
    check_prompt(*model, job.request);
    for (auto const& [where, picture] : local_) check_picture(*picture, *model, where, complaints_);
    if (image_count_ == 0 && mode->images_low > 0 && asks_wrongly(*model))
      complaints_.follow_up();
    else
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
      job.mode = std::move(body->mode);
      job.pictures = body->pictures;
    }
  }

  void read_prompt_text(JobRequest& request) {
    auto const before = complaints_.count();
    prompt_ = find("prompt");
    if (!prompt_) {
      bool const is_missing = complaints_.count() == before && !layers_.defaults->are_unknown();
      if (is_missing) complaints_.add(layers_.job, "this job has no 'prompt'");
      return;
    }
    if (prompt_->is(Node::Kind::Map)) prompt_ = read_prompt_file(*prompt_);
    if (!prompt_) return;
    if (auto text = read_prose(*prompt_, "prompt", complaints_)) request.prompt = std::move(*text);
    if (request.prompt.empty() && complaints_.count() == before) complain_of_prompt(0, "prompt is empty");
  }

  std::optional<View> read_prompt_file(View map) {
    auto const file = map.size() == 2 && map[0].text() == "file" ? std::optional{map[1]} : std::nullopt;
    if (!file) {
      complaints_.add(map, "prompt is a text, or { file: PATH } for one that stands in a file of its own");
      return {};
    }
    auto const written = read_word(*file, "file", complaints_);
    if (!written) return {};
    prompt_file_ = prompts_.read(*file, *written, complaints_);
    return prompt_file_ == nullptr ? std::nullopt : filler_.fill_file(*file, *prompt_file_);
  }

  // Of a file at the place of what the prompt's `character` (from 0) was made of.
  void complain_of_prompt(std::size_t character, std::string words) {
    if (prompt_file_ == nullptr) return complaints_.add(*prompt_, std::move(words));
    auto const at = filler_.source_of(offset_of_character(prompt_->text(), character));
    complaints_.add_in_file(prompt_file_->name, prompt_file_->text->place(at), *prompt_, std::move(words));
  }

  void check_prompt(Model const& model, JobRequest const& request) {
    auto const count = characters(request.prompt);
    if (!prompt_ || count <= static_cast<std::size_t>(model.prompt_characters)) return;
    complain_of_prompt(static_cast<std::size_t>(model.prompt_characters),
                       fmt::format("prompt has {} characters; {} reads {} and cuts the rest in silence",
                                   count, model.name, model.prompt_characters));
  }

  void read_images(ManifestJob& job) {
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
    for (std::size_t i = 0; i < images_->size(); ++i) {
      auto image = read_image((*images_)[i], &pictures_, complaints_);
      if (!image) continue;
      job.request.images.push_back(std::move(image->text));
      if (!image->local) continue;
      job.unseen = job.unseen || image->local->elsewhere;
      local_.emplace_back((*images_)[i], std::move(image->local));
    }
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

  // Whether something unknown is given that was most likely meant to choose another mode.
  bool asks_wrongly(Model const& model) const {
    std::vector<std::string> switches;
    for (auto const& mode : model.modes)
      if (!mode.when.empty()) switches.push_back(mode.when);
    return std::any_of(given_.begin(), given_.end(), [&](Layers::Given const& each) {
      auto const& word = each.field.key.text();
      return !is_parameter(models_, word) && !did_you_mean(word, switches).empty();
    });
  }

  // By the switch that is on, and by the number of pictures.
  Mode const* read_mode(Model const& model) {
    auto const before = complaints_.count();
    given_ = layers_.parameters(complaints_);
    if (complaints_.count() != before) return nullptr;
    std::string on;
    for (auto const& mode : model.modes) {
      auto const* const asked = mode.when.empty() ? nullptr : given(mode.when);
      if (asked == nullptr || asked->field.value.is(Node::Kind::Null)) continue;
      auto const value = filler_.fill(asked->field.value);
      auto const flag = value ? read_boolean(*value, mode.when, complaints_) : std::nullopt;
      if (!flag) return nullptr;
      if (*flag && on.empty()) on = mode.when;
    }
    return &model.mode(on, image_count_);
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
        if (!value) continue;
        check_boxes(*parameter, *filled, image_count_, complaints_);
        request.parameters[name] = std::move(*value);
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
  Pictures& pictures_;
  Complaints& complaints_;
  std::optional<View> prompt_, images_;
  PromptFile const* prompt_file_ = nullptr;
  std::size_t image_count_ = 0;
  std::vector<std::pair<View, std::shared_ptr<Picture const>>> local_;
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

void read_request(Layers const& layers, Filler& filler, Models const& models, PromptFiles& prompts,
                  Pictures& pictures, Complaints& complaints, ManifestJob& job) {
  Job{layers, filler, models, prompts, pictures, complaints}.read(job);
}

}  // namespace wanspool::yaml
