#include "manifest/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "manifest/images.h"
#include "manifest/parameters.h"
#include "manifest/verbatim.h"

namespace wanspool::yaml {
namespace {

constexpr auto kUsualModel = "wan2.6-image";

Keys const& job_keys() {
  static Keys const keys{"a job",
                         {"id", "prompt", "images", "model", "parameters", "request"},
                         {"rows", "key", "matrix", "takes", "picture"}};
  return keys;
}

Keys const& default_keys() {
  static Keys const keys{"'defaults'",
                         {"model", "prompt", "images", "parameters"},
                         {"rows", "key", "matrix", "takes", "picture"}};
  return keys;
}

// Names that out/ and its folders use themselves (design §9).
bool is_reserved(std::string_view name) {
  return name == "metadata.jsonl" || name == "result.json" || name == "document.md" ||
         name.starts_with("image-");
}

// Reads the keys of one job.
class Job {
 public:
  Job(View view, Fields const& fields, Defaults const& defaults, Models const& models, Complaints& complaints)
      : view_{view}, fields_{fields}, defaults_{defaults}, models_{models}, complaints_{complaints} {}

  void read(ManifestJob& job) {
    if (auto const* const request = fields_.find("request")) {
      read_request(request->value, job);
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
    check_image_count(*model, *mode, image_count_, images_ ? *images_ : view_, complaints_);
    read_parameters(*model, *mode, job.request);
    job.pictures = count(*mode, job.request);
  }

 private:
  // The job's own value, else the default's; null takes a default away.
  std::optional<View> find(std::string_view key) const {
    if (auto const* const own = fields_.find(key))
      return own->value.is(Node::Kind::Null) ? std::nullopt : std::optional{own->value};
    return defaults_.find(key, view_.at());
  }

  void read_request(View request, ManifestJob& job) {
    for (auto const* const key : {"prompt", "images", "parameters", "model"})
      if (auto const* const own = fields_.find(key))
        complaints_.add(own->key,
                        fmt::format("'{}' cannot stand beside 'request', which says it all itself", key));
    if (auto body = read_verbatim(request, models_, complaints_)) {
      job.request.model = std::move(body->model);
      job.request.verbatim = std::move(body->json);
      job.pictures = body->pictures;
    }
  }

  void read_prompt_text(JobRequest& request) {
    prompt_ = find("prompt");
    if (!prompt_) {
      complaints_.add(view_, "this job has no 'prompt'");
      return;
    }
    if (prompt_->is(Node::Kind::Map) && prompt_->size() > 0 && (*prompt_)[0].text() == "file") {
      complaints_.add(*prompt_,
                      "a prompt out of a file is not understood by this version yet; write its text here");
      return;
    }
    auto const before = complaints_.count();
    if (auto text = read_prose(*prompt_, "prompt", complaints_)) request.prompt = std::move(*text);
    if (request.prompt.empty() && complaints_.count() == before) complaints_.add(*prompt_, "prompt is empty");
  }

  void check_prompt(Model const& model, JobRequest const& request) {
    auto const count = characters(request.prompt);
    if (count <= static_cast<std::size_t>(model.prompt_characters)) return;
    complaints_.add(*prompt_,
                    fmt::format("prompt has {} characters; {} reads {} and cuts the rest in silence", count,
                                model.name, model.prompt_characters));
  }

  void read_images(JobRequest& request) {
    images_ = find("images");
    if (!images_) return;
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
    if (auto const value = find("model")) return find_model(*value, models_, complaints_);
    auto const usual = models_.find(kUsualModel);
    if (usual != models_.end()) return &usual->second;
    complaints_.add(view_, "this job names no 'model'");
    return nullptr;
  }

  // The job's own parameters and, where it has none of that name, the defaults'.
  void gather() {
    auto const* const own = fields_.find("parameters");
    auto const inherited = defaults_.find("parameters", view_.at());
    bool const taken_away = own != nullptr && own->value.is(Node::Kind::Null);
    if (own != nullptr && !taken_away) add_parameters(own->value, true);
    if (inherited && !taken_away) add_parameters(*inherited, false);
  }

  struct Given {
    Field field;
    bool own;
  };

  void add_parameters(View map, bool own) {
    if (!map.is(Node::Kind::Map)) {
      complaints_.add(map, fmt::format("parameters is a map such as {{ n: 2 }}, not {}", spoken(map)));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.size(); i += 2)
      if (map[i].is(Node::Kind::Scalar) && given(map[i].text()) == nullptr)
        given_.push_back({{map[i], map[i + 1]}, own});
  }

  Given const* given(std::string_view name) const {
    for (auto const& each : given_)
      if (each.field.key.text() == name) return &each;
    return nullptr;
  }

  Mode const* read_mode(Model const& model) {
    gather();
    auto const* const asked = given("enable_interleave");
    bool const known = std::any_of(model.modes.begin(), model.modes.end(), [](Mode const& mode) {
      return mode.parameter("enable_interleave") != nullptr;
    });
    if (asked == nullptr || !known || asked->field.value.is(Node::Kind::Null)) return &model.mode(false);
    auto const interleave = read_boolean(asked->field.value, "enable_interleave", complaints_);
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
        if (auto value = read_parameter(*parameter, field.value, who, complaints_))
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

  View view_;
  Fields const& fields_;
  Defaults const& defaults_;
  Models const& models_;
  Complaints& complaints_;
  std::optional<View> prompt_, images_;
  std::size_t image_count_ = 0;
  std::vector<Given> given_;
};

}  // namespace

std::optional<std::string> read_name(View value, std::string_view what, std::string const& otherwise,
                                     Complaints& complaints) {
  auto const word = read_word(value, what, complaints);
  if (!word) return {};
  auto const comment = comment_after(value, complaints.text());
  if (comment.size() > 1 && comment[1] != ' ' && comment[1] != '\t' && comment[1] != '#') {
    complaints.add(value, fmt::format("YAML cuts {} before ' {}'; put it into quotes", what, comment));
    return {};
  }
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

Defaults::Defaults(Node const& node, Models const& models, Complaints& complaints) {
  View const map{node};
  if (map.is(Node::Kind::Null)) return;
  for (std::size_t i = 0; map.is(Node::Kind::Map) && i + 1 < map.size(); i += 2)
    if (auto const& key = map[i].text(); key == "id" || key == "request")
      complaints.add(map[i], fmt::format("'{}' belongs to a job and can be no default", key));
  auto keys = default_keys();
  keys.known.insert(keys.known.end(), {"id", "request"});
  fields_ = Fields{map, keys, complaints};
  if (auto const* const model = fields_.find("model"); model != nullptr && !model->value.is(Node::Kind::Null))
    find_model(model->value, models, complaints);
  auto const* const parameters = fields_.find("parameters");
  if (parameters == nullptr || !parameters->value.is(Node::Kind::Map)) return;
  std::vector<std::string> names;
  for (auto const& [name, model] : models)
    for (auto const& mode : model.modes)
      for (auto const& each : mode.parameters) names.push_back(each.name);
  for (std::size_t i = 0; i + 1 < parameters->value.size(); i += 2)
    if (auto const key = parameters->value[i]; !is_parameter(models, key.text()) && key.text() != "<<")
      complaints.add(
          key, fmt::format("no model has a parameter '{}'{}", key.text(), did_you_mean(key.text(), names)));
}

std::optional<View> Defaults::find(std::string_view key, std::size_t user) const {
  auto const* const found = fields_.find(key);
  if (found == nullptr || found->value.is(Node::Kind::Null)) return {};
  return View{found->value.node(), user};
}

std::optional<ManifestJob> read_job(Node const& node, std::size_t position, Defaults const& defaults,
                                    Models const& models, Complaints& complaints) {
  auto const before = complaints.count();
  View const view{node};
  Fields const fields{view, job_keys(), complaints};
  if (fields.all().empty()) {
    if (complaints.count() == before) complaints.add(view, "this job is empty; it wants an id and a prompt");
    return {};
  }
  ManifestJob job;
  auto const place = complaints.text().place(node.at);
  job.line = place.line;
  job.column = place.column;
  auto const* const id = fields.find("id");
  if (id == nullptr || id->value.is(Node::Kind::Null)) {
    complaints.add(id == nullptr ? view : id->key, "this job has no 'id'");
  } else if (auto name = read_name(id->value, "id", std::to_string(position), complaints)) {
    job.id = std::move(*name);
  }
  Job{view, fields, defaults, models, complaints}.read(job);
  if (complaints.count() != before) return {};
  return job;
}

}  // namespace wanspool::yaml
