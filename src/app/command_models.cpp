#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/json_table.h"
#include "app/words.h"
#include "base/nearest.h"
#include "core/regions.h"
#include "manifest/ranges.h"

namespace wanspool::app {
namespace {

using json = nlohmann::ordered_json;

constexpr char kFooter[] = R"(Examples:
  wanspool models                             every model: pictures in, limits, price
  wanspool models wan2.7-image-pro            one, with its modes and parameters
  wanspool models --json | jq -r '.model + " " + .price'

Limits and prices are those of the region that the endpoint is in. Models of your own stand under models: in
config.yaml. Needs no spool, no key and no network.)";

struct Options {
  Where where;
  std::string name;
  bool json = false, csv = false;
};

constexpr std::array kColumns{Column{"model", "", "model"},
                              Column{"own", "", "own"},
                              Column{"region", "", "region"},
                              Column{"listed", "", "listed"},
                              Column{"price", "", "price"},
                              Column{"currency", "", "currency"},
                              Column{"price_date", "", "price_date"},
                              Column{"creates", "limits", "creates"},
                              Column{"window_ms", "limits", "window_ms"},
                              Column{"slots", "limits", "slots"},
                              Column{"prompt_characters", "", "prompt_characters"},
                              Column{"picture_bytes", "pictures", "bytes"},
                              Column{"path", "", "path"},
                              Column{"modes", "", "modes"},
                              Column{"schema", "", "schema"}};

bool knows(std::string const& region) {
  return find_region(region) != nullptr || region == "loopback";
}

// "0.200000 CNY", by a star where it is another region's.
std::string price_of(Model const& model, Context const& context) {
  auto const price = decimal(model.price_in(context.region)) + " " + model.currency;
  return model.is_priced_in(context.region) ? price : price + " *";
}

std::string speed_of(Limits const& limits) {
  std::vector<std::string> words;
  if (limits.creates > 0)
    words.push_back(limits.window == seconds{1}
                        ? fmt::format("{} new a second", limits.creates)
                        : fmt::format("{} new in {} ms", limits.creates, limits.window.count()));
  if (limits.slots > 0) words.push_back(fmt::format("{} at once", limits.slots));
  return words.empty() ? "no limit" : fmt::format("{}", fmt::join(words, ", "));
}

std::string span_of(int low, int high) {
  if (high == 0) return "none";
  return low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
}

std::string pictures_in(Model const& model) {
  int low = model.modes.front().images_low, high = 0;
  for (auto const& mode : model.modes) {
    low = std::min(low, mode.images_low);
    high = std::max(high, mode.images_high);
  }
  return span_of(low, high);
}

std::vector<std::string> names_of_modes(Model const& model) {
  std::vector<std::string> names;
  for (auto const& mode : model.modes)
    if (!mode.name.empty()) names.push_back(mode.name);
  return names;
}

// What a star and a region without a name mean.
std::string note_on_prices(Context const& context, bool starred) {
  if (context.region == "unknown")
    return "* the highest of any region: nobody knows whose host the endpoint is; region: in config.yaml "
           "says "
           "it\n";
  if (!starred) return {};
  return fmt::format(
      "* not listed in {}: the service may refuse it, and this is the highest price of any "
      "region\n",
      context.region);
}

std::string heading(Context const& context) {
  return fmt::format("{}, prices by picture of {}\n", context.endpoint,
                     context.region == "unknown" ? "no region" : region_words(context.region));
}

std::string overview(Context const& context) {
  auto text = heading(context);
  text += fmt::format("{:<20}  {:<8}  {:>16}  {:<11}  {:<27}  {}\n", "model", "pictures", "price", "of",
                      "limits", "modes");
  bool starred = false;
  for (auto const& [name, model] : context.models) {
    starred = starred || !model.is_priced_in(context.region);
    auto line = fmt::format("{:<20}  {:<8}  {:>16}  {:<11}  {:<27}  {}", name, pictures_in(model),
                            price_of(model, context), model.price_date,
                            speed_of(limits_of(model, context.region, context.config)),
                            fmt::join(names_of_modes(model), ", "));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text + note_on_prices(context, starred) + "wanspool models NAME tells its parameters\n";
}

std::string inputs_of(InputLimits const& inputs) {
  return fmt::format("JPEG, PNG{}, BMP or WEBP, up to {} bytes, sides of {} to {}{}",
                     inputs.alpha ? "" : " without alpha channel", inputs.bytes, inputs.side_low,
                     inputs.side_high,
                     inputs.ratio > 0 ? fmt::format(", no longer than {}:1", inputs.ratio) : "");
}

std::string chosen_by(Model const& model, Mode const& mode) {
  if (!mode.when.empty()) return mode.when + ": true";
  bool const by_pictures = std::count_if(model.modes.begin(), model.modes.end(),
                                         [](Mode const& each) { return each.when.empty(); }) > 1;
  return by_pictures ? "the number of pictures" : "nothing else";
}

std::string mode_words(Model const& model, Mode const& mode) {
  std::string text;
  if (!mode.name.empty()) text += fmt::format("{} mode, chosen by {}\n", mode.name, chosen_by(model, mode));
  text += fmt::format("  {:<18} {}\n", "images", span_of(mode.images_low, mode.images_high));
  for (auto const& each : mode.parameters)
    if (model.is_switch(each.name))
      text += fmt::format("  {:<18} {} in this mode\n", each.name, each.name == mode.when);
    else
      text += fmt::format("  {:<18} {}{}{}\n", each.name, range_words(each),
                          each.fallback ? "; unless said " + value_words(*each.fallback) : "",
                          each.name == mode.count ? "; each picture is paid" : "");
  return text;
}

std::string details(Model const& model, Context const& context) {
  auto text = fmt::format("{}\n", model.name);
  auto const add = [&](std::string_view what, std::string const& words) {
    text += fmt::format("  {:<18} {}\n", what, words);
  };
  add("address", context.endpoint + model.path);
  add("prompt", fmt::format("up to {} characters", model.prompt_characters));
  if (pictures_in(model) != "none") add("pictures", inputs_of(model.inputs));
  add("limits", speed_of(limits_of(model, context.region, context.config)));
  add("price", fmt::format("{} a picture, {}, of {}", price_of(model, context), region_words(context.region),
                           model.price_date));
  for (auto const& mode : model.modes) text += mode_words(model, mode);
  return text + note_on_prices(context, !model.is_priced_in(context.region));
}

json value_json(Value const& value) {
  if (auto const* const flag = std::get_if<bool>(&value)) return *flag;
  if (auto const* const number = std::get_if<std::int64_t>(&value)) return *number;
  return value_words(value);
}

json mode_json(Mode const& mode) {
  auto parameters = json::array();
  for (auto const& each : mode.parameters) {
    json row{{"name", each.name}, {"takes", range_words(each)}};
    if (each.kind == Parameter::Kind::Integer) row["range"] = {each.low, each.high};
    row["default"] = each.fallback ? value_json(*each.fallback) : json{};
    parameters.push_back(std::move(row));
  }
  return {{"mode", mode.name},
          {"when", mode.when.empty() ? json{} : json(mode.when)},
          {"images", {mode.images_low, mode.images_high}},
          {"count", mode.count},
          {"parameters", std::move(parameters)}};
}

json limits_json(Limits const& limits) {
  return {{"creates", limits.creates}, {"window_ms", limits.window.count()}, {"slots", limits.slots}};
}

std::string model_json(Model const& model, Context const& context) {
  auto modes = json::array();
  for (auto const& each : model.modes) modes.push_back(mode_json(each));
  json row{{"schema", 1},
           {"model", model.name},
           {"path", model.path},
           {"own", context.config.models.contains(model.name)},
           {"prompt_characters", model.prompt_characters},
           {"region", context.region},
           {"listed", knows(context.region) ? json(model.is_priced_in(context.region)) : json{}},
           {"price", decimal(model.price_in(context.region))},
           {"currency", model.currency},
           {"price_date", model.price_date},
           {"limits", limits_json(limits_of(model, context.region, context.config))}};
  if (pictures_in(model) != "none") {
    auto const& inputs = model.inputs;
    row["pictures"] = {{"bytes", inputs.bytes},
                       {"sides", {inputs.side_low, inputs.side_high}},
                       {"ratio", inputs.ratio > 0 ? json(inputs.ratio) : json{}},
                       {"alpha", inputs.alpha}};
  }
  row["modes"] = std::move(modes);
  return row.dump() + "\n";
}

Model const& model_or_quit(std::string const& name, Models const& models) {
  auto const found = models.find(name);
  if (found != models.end()) return found->second;
  std::vector<std::string> names;
  for (auto const& [each, model] : models) names.push_back(each);
  auto const near = nearest(name, names);
  throw Quit{kNoSuch, fmt::format("model '{}' is unknown; {}", name,
                                  near.empty() ? fmt::format("known are {}", fmt::join(names, ", "))
                                               : fmt::format("did you mean '{}'?", near))};
}

std::string for_programs(Options const& options, Model const& model, Context const& context) {
  auto const object = model_json(model, context);
  return options.csv ? csv_line(object, kColumns) : object;
}

int tell(Options const& options) {
  auto const context = likely_context(options.where);
  bool const is_for_people = !options.json && !options.csv;
  auto text = options.csv ? csv_head(kColumns) : std::string{};
  if (!options.name.empty()) {
    auto const& model = model_or_quit(options.name, context.models);
    text += is_for_people ? details(model, context) : for_programs(options, model, context);
  } else if (is_for_people) {
    text = overview(context);
  } else {
    for (auto const& [name, model] : context.models) text += for_programs(options, model, context);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kFine;
}

}  // namespace

void add_models(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("models", "The models: pictures in, parameters, limits and prices");
  auto const options = std::make_shared<Options>();
  command->add_option("NAME", options->name, "only this one, with its parameters");
  add_forms(*command, options->json, options->csv, "one object a line, with all of it",
            "a table (RFC 4180) with a line of names; the modes are JSON text");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return tell(*options); }; });
}

}  // namespace wanspool::app
