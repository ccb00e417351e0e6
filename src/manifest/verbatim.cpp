#include "manifest/verbatim.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "manifest/fields.h"
#include "manifest/images.h"
#include "manifest/jobs.h"
#include "manifest/parameters.h"

namespace wanspool::yaml {
namespace {

using nlohmann::json;

bool looks_like_a_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text.empty()) return false;
  bool const dotted = text[0] == '.' && text.size() > 1;
  char const first = dotted ? text[1] : text[0];
  return first >= '0' && first <= '9' && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

// A number that is no whole one, as YAML 1.2's core schema has it.
std::optional<double> plain_decimal(std::string_view text) {
  if (!looks_like_a_number(text)) return {};
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  auto const result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return {};
  return number;
}

bool is_infinite(std::string_view text) {
  return text == ".inf" || text == "-.inf" || text == "+.inf" || text == ".nan" || text == ".Inf" ||
         text == "-.Inf" || text == ".NaN" || text == ".INF" || text == ".NAN";
}

class Body {
 public:
  Body(Models const& models, Complaints& complaints) : models_{models}, complaints_{complaints} {}

  std::optional<Verbatim> read(View request) {
    auto const before = complaints_.count();
    if (!request.is(Node::Kind::Map)) {
      complaints_.add(request, fmt::format("request is the API's own body, a map, not {}", spoken(request)));
      return {};
    }
    auto body = to_json(request, "");
    Verbatim verbatim;
    auto const model = member(request, "model");
    if (!model) {
      complaints_.add(request, "request names no 'model'");
    } else if (auto const* const row = find_model(*model, models_, complaints_)) {
      verbatim.model = row->name;
      body["model"] = row->name;
      check(*row, request, body, verbatim);
    }
    if (complaints_.count() != before) return {};
    verbatim.json = body.dump();
    return verbatim;
  }

 private:
  json to_json(View value, std::string_view key) {
    switch (value.node().kind) {
      case Node::Kind::Null:
        return nullptr;
      case Node::Kind::Scalar:
        return scalar(value, key);
      case Node::Kind::List: {
        auto list = json::array();
        for (std::size_t i = 0; i < value.size(); ++i) list.push_back(to_json(value[i], key));
        return list;
      }
      case Node::Kind::Map:
        break;
    }
    auto map = json::object();
    for (std::size_t i = 0; i + 1 < value.size(); i += 2)
      map[value[i].text()] = to_json(value[i + 1], value[i].text());
    return map;
  }

  json scalar(View value, std::string_view key) {
    if (key == "text" || key == "prompt" || key == "negative_prompt") {
      if (!read_prose(value, key, complaints_)) return nullptr;
    }
    if (auto const number = plain_integer(value)) return *number;
    if (auto const flag = plain_boolean(value)) return *flag;
    if (value.node().plain) {
      if (auto const number = plain_decimal(value.text())) return *number;
      if (is_infinite(value.text())) complaints_.add(value, "JSON has no such number");
    }
    auto text = without_placeholders(value, complaints_);
    return text ? json(std::move(*text)) : json();
  }

  void check(Model const& model, View request, json& body, Verbatim& verbatim) {
    auto const parameters = member(request, "parameters");
    if (parameters && !parameters->is(Node::Kind::Map) && !parameters->is(Node::Kind::Null)) {
      complaints_.add(*parameters, fmt::format("parameters is a map, not {}", spoken(*parameters)));
      return;
    }
    std::string on;
    for (auto const& each : model.modes) {
      auto const asked = parameters && !each.when.empty() ? member(*parameters, each.when) : std::nullopt;
      if (!asked) continue;
      auto const flag = read_boolean(*asked, each.when, complaints_);
      if (!flag) return;
      if (*flag && on.empty()) on = each.when;
    }
    auto const images =
        model.body == BodyShape::Messages ? images_in_messages(request) : images_by_name(request);
    auto const& mode = model.mode(on, images);
    check_parameters(model, mode, parameters);
    model.body == BodyShape::Messages ? check_messages(model, mode, request)
                                      : check_input(model, mode, request);
    verbatim.pictures = count(mode, body);
    verbatim.mode = mode.name;
  }

  // How many it seems to have; what is wrong with them is told when they are checked.
  static std::size_t images_in_messages(View request) {
    auto const input = member(request, "input");
    auto const messages = input ? member(*input, "messages") : std::nullopt;
    bool const one = messages && messages->is(Node::Kind::List) && messages->size() > 0;
    auto const content = one ? member((*messages)[0], "content") : std::nullopt;
    std::size_t images = 0;
    for (std::size_t i = 0; content && content->is(Node::Kind::List) && i < content->size(); ++i)
      images += member((*content)[i], "image") ? 1 : 0;
    return images;
  }

  static std::size_t images_by_name(View request) {
    auto const input = member(request, "input");
    auto const images = input ? member(*input, "images") : std::nullopt;
    return images && images->is(Node::Kind::List) ? images->size() : 0;
  }

  void check_parameters(Model const& model, Mode const& mode, std::optional<View> const& parameters) {
    if (!parameters) return;
    for (auto const& parameter : mode.parameters)
      if (auto const value = member(*parameters, parameter.name))
        read_parameter(parameter, *value, spoken(model, mode), complaints_);
  }

  // Only the number of pictures is ever added, because the service's own default would buy four or five.
  int count(Mode const& mode, json& body) {
    auto& parameters = body["parameters"];
    if (!parameters.is_object()) parameters = json::object();
    auto& number = parameters[mode.count];
    if (number.is_null()) number = 1;
    return number.is_number_integer() ? number.get<int>() : 1;
  }

  void check_messages(Model const& model, Mode const& mode, View request) {
    auto const input = member(request, "input");
    auto const messages = input ? member(*input, "messages") : std::nullopt;
    if (!messages || !messages->is(Node::Kind::List) || messages->size() != 1) {
      complaints_.add(messages ? *messages
                      : input  ? *input
                               : request,
                      "request wants input.messages, a list of exactly one message");
      return;
    }
    auto const content = member((*messages)[0], "content");
    if (!content || !content->is(Node::Kind::List)) {
      complaints_.add((*messages)[0], "a message wants 'content', a list of { text: … } and { image: … }");
      return;
    }
    check_content(model, mode, *content);
  }

  // The older endpoints' body (contract §2.2).
  void check_input(Model const& model, Mode const& mode, View request) {
    auto const input = member(request, "input");
    auto const prompt = input ? member(*input, "prompt") : std::nullopt;
    if (!prompt)
      complaints_.add(input ? *input : request, "request wants input.prompt, a text");
    else
      check_text(model, *prompt, "prompt");
    if (!input) return;
    auto const* const negative = mode.parameter("negative_prompt");
    if (auto const text = member(*input, "negative_prompt"); text && negative != nullptr)
      read_parameter(*negative, *text, spoken(model, mode), complaints_);
    auto const images = member(*input, "images");
    if (images && !images->is(Node::Kind::List)) {
      complaints_.add(*images, fmt::format("images is a list, not {}", spoken(*images)));
      return;
    }
    for (std::size_t i = 0; images && i < images->size(); ++i) read_image((*images)[i], nullptr, complaints_);
    check_image_count(model, mode, images ? images->size() : 0, images ? *images : *input, complaints_);
  }

  void check_content(Model const& model, Mode const& mode, View content) {
    std::size_t texts = 0, images = 0;
    for (std::size_t i = 0; i < content.size(); ++i) {
      auto const text = member(content[i], "text"), image = member(content[i], "image");
      if (text && !image) {
        ++texts;
        check_text(model, *text, "text");
      } else if (image && !text) {
        ++images;
        read_image(*image, nullptr, complaints_);
      } else {
        complaints_.add(content[i], "a part of 'content' is either { text: … } or { image: … }");
      }
    }
    if (texts != 1)
      complaints_.add(content, fmt::format("'content' wants exactly one text, here are {}", texts));
    check_image_count(model, mode, images, content, complaints_);
  }

  void check_text(Model const& model, View text, std::string_view what) {
    if (!text.is(Node::Kind::Scalar)) {
      complaints_.add(text, fmt::format("{0} wants a text, not {1}", what, spoken(text)));
      return;
    }
    auto const count = characters(text.text());
    if (trimmed(text.text()).empty()) complaints_.add(text, fmt::format("{} is empty", what));
    if (count > static_cast<std::size_t>(model.prompt_characters))
      complaints_.add(text, fmt::format("{} has {} characters; {} reads {} and cuts the rest in silence",
                                        what, count, model.name, model.prompt_characters));
  }

  Models const& models_;
  Complaints& complaints_;
};

}  // namespace

std::optional<Verbatim> read_verbatim(View request, Models const& models, Complaints& complaints) {
  return Body{models, complaints}.read(request);
}

}  // namespace wanspool::yaml
