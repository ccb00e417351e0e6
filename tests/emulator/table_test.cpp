#include <doctest/doctest.h>

#include "base/schema.h"
#include "emulator/stage.h"
#include "manifest/manifest.h"
#include "provider/provider.h"

// The table of models and the emulator, which shares nothing with it, agree on what may be asked.

using namespace wanspool;
using emulator::Stage;
using nlohmann::json;

TEST_SUITE_BEGIN("emulator");

namespace {

Models const& table() {
  static auto const models = read_models(schema_file("models.yaml"), "models.yaml");
  return models;
}

JobRequest usual(Model const& model, Mode const& mode, int images) {
  JobRequest request;
  request.model = model.name;
  request.prompt = "a paper boat";
  request.images.assign(static_cast<std::size_t>(images), "https://img.example.com/a.png");
  for (auto const& each : mode.parameters)
    if (each.fallback) request.parameters[each.name] = *each.fallback;
  return request;
}

// "" where it was taken.
std::string refusal(Model const& model, JobRequest const& request) {
  Stage stage;
  auto const answer =
      stage.api.answer(Stage::call("POST", model.path, provider::create_body(model, request)));
  return answer.status == 200 ? "" : Stage::read(answer).at("message").get<std::string>();
}

template <typename Look>
void each_mode(Look const& look) {
  for (auto const& [name, model] : table())
    for (auto const& mode : model.modes) {
      CAPTURE(name);
      CAPTURE(mode.name);
      look(model, mode);
    }
}

std::string by(std::int64_t width, std::int64_t height) {
  return fmt::format("{}*{}", width, height);
}

std::int64_t root_of(std::int64_t pixels) {
  std::int64_t side = 1;
  while ((side + 1) * (side + 1) <= pixels) ++side;
  return side;
}

}  // namespace

TEST_CASE("what is sent where a manifest says nothing is taken, with the fewest and the most pictures") {
  each_mode([](Model const& model, Mode const& mode) {
    CHECK(refusal(model, usual(model, mode, mode.images_low)) == "");
    CHECK(refusal(model, usual(model, mode, mode.images_high)) == "");
    auto const many = usual(model, mode, mode.images_high + 1);
    // With one more another mode may be meant; and where there are none by name, nobody looks for them.
    bool const is_looked_at = model.body == BodyShape::Messages || mode.images_high > 0;
    auto const more = static_cast<std::size_t>(mode.images_high + 1);
    if (is_looked_at && !model.mode(mode.when, more).takes(more)) CHECK(refusal(model, many) != "");
  });
}

TEST_CASE("the number of pictures has the same bounds") {
  each_mode([](Model const& model, Mode const& mode) {
    auto request = usual(model, mode, mode.images_high);
    auto const& count = *mode.parameter(mode.count);
    for (auto const number : {count.low, count.high}) {
      request.parameters[mode.count] = number;
      CHECK(refusal(model, request) == "");
    }
    for (auto const number : {count.low - 1, count.high + 1}) {
      request.parameters[mode.count] = number;
      CHECK(refusal(model, request) != "");
    }
  });
}

TEST_CASE("sizes have the same names and bounds") {
  each_mode([](Model const& model, Mode const& mode) {
    auto request = usual(model, mode, mode.images_high);
    auto const& size = *mode.parameter("size");
    auto const says = [&](std::string const& text) {
      request.parameters["size"] = text;
      return refusal(model, request);
    };
    for (auto const& name : size.names) CHECK(says(name) == "");
    for (auto const side : {size.sides_low, size.sides_high}) {
      if (side == 0) continue;
      CHECK(says(by(side, 1024)) == "");
      CHECK(says(by(1024, side + (side == size.sides_low ? -1 : 1))) != "");
    }
    if (size.pixels_high > 0) {
      CHECK(says(by(root_of(size.pixels_low), root_of(size.pixels_low))) == "");
      CHECK(says(by(root_of(size.pixels_high), root_of(size.pixels_high))) == "");
      CHECK(says(by(root_of(size.pixels_low) - 1, root_of(size.pixels_low))) != "");
      CHECK(says(by(root_of(size.pixels_high) + 1, root_of(size.pixels_high))) != "");
    }
    if (size.pixels_high == 0 && size.sides_high == 0) CHECK(says("1024*1024") != "");
  });
}

TEST_CASE("the other parameters are taken within their bounds, and not beyond") {
  each_mode([](Model const& model, Mode const& mode) {
    auto request = usual(model, mode, mode.images_high);
    if (mode.parameter("bbox_list")) {
      std::string boxes = "[[]";
      for (int i = 1; i < mode.images_high; ++i) boxes += ",[[1,2,3,4],[5,6,7,8]]";
      request.parameters.insert_or_assign("bbox_list", Nested{boxes + "]"});
      CHECK(refusal(model, request) == "");
      request.parameters.insert_or_assign("bbox_list", Nested{boxes + ",[]]"});
      CHECK(refusal(model, request) != "");
      request.parameters.erase("bbox_list");
    }
    if (mode.parameter("color_palette")) {
      std::string const two = R"({"hex":"#000000","ratio":"25.00%"},{"hex":"#FFFFFF","ratio":"25.00%"})";
      request.parameters.insert_or_assign("color_palette",
                                          Nested{R"([{"hex":"#C2D1E6","ratio":"50.00%"},)" + two + "]"});
      CHECK(refusal(model, request) == "");
      request.parameters.insert_or_assign("color_palette",
                                          Nested{R"([{"hex":"#C2D1E6","ratio":"49.00%"},)" + two + "]"});
      CHECK(refusal(model, request) != "");
      request.parameters.erase("color_palette");
    }
    for (auto const seed : {mode.parameter("seed")->low, mode.parameter("seed")->high}) {
      request.parameters["seed"] = seed;
      CHECK(refusal(model, request) == "");
    }
    request.parameters["negative_prompt"] = "people";
    CHECK(refusal(model, request) == "");
  });
}

TEST_CASE("the emulator charges what the table says of Beijing") {
  for (auto const& [name, model] : table()) {
    CAPTURE(name);
    Stage stage;
    auto const body = provider::create_body(model, usual(model, model.modes[0], model.modes[0].images_high));
    auto const answer = stage.api.answer(Stage::call("POST", model.path, body));
    REQUIRE(answer.status == 200);
    auto const id = Stage::read(answer).at("output").at("task_id").get<std::string>();
    stage.pass(seconds{90});
    CHECK(stage.status(id) == "SUCCEEDED");
    CHECK(read_money(stage.ledger()["cost"].get<std::string>()) == model.price_in("cn-beijing"));
    CHECK(model.price_in("loopback") == model.price_in("cn-beijing"));
  }
}

TEST_SUITE_END();
