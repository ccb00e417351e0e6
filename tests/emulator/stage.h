#pragma once

#include <fmt/format.h>
#include <png.h>

#include <nlohmann/json.hpp>
#include <string>

#include "emulator/api.h"

// The emulator without sockets: requests in, answers out, on a clock that the test moves.
namespace wanspool::emulator {

struct HandClock final : Clock {
  Instant at{seconds{1'790'000'000}};
  Instant now() const override { return at; }
};

inline Options calm_options() {
  Options options;
  options.creates_per_second = options.queries_per_second = 0;
  options.spread = 0;
  options.service_time = seconds{90};
  return options;
}

struct Stage {
  explicit Stage(Options chosen = calm_options()) : options{std::move(chosen)}, api{options, clock, 7} {
    api.set_host("http://127.0.0.1:1");
  }

  static Asked request(std::string method, std::string target, std::string body = {}) {
    Asked asked;
    asked.method = std::move(method);
    asked.path = target.substr(0, target.find('?'));
    if (asked.path.size() < target.size()) asked.query = target.substr(asked.path.size() + 1);
    asked.body = std::move(body);
    return asked;
  }
  static Asked call(std::string method, std::string const& path, std::string body = {}) {
    auto asked = request(std::move(method), "/api/v1" + path, std::move(body));
    asked.headers = {{"authorization", "Bearer sk-one"}, {"x-dashscope-async", "enable"}};
    return asked;
  }
  static std::string t2i(int n, std::string const& prompt = "a lamp") {
    return fmt::format(
        R"({{"model":"wan2.6-t2i","input":{{"messages":[{{"role":"user","content":[{{"text":"{}"}}]}}]}},"parameters":{{"n":{},"size":"1280*1280"}}}})",
        prompt, n);
  }

  Answer create(std::string const& body) {
    return api.answer(call("POST", "/services/aigc/image-generation/generation", body));
  }
  std::string created(std::string const& body = t2i(1)) {
    return read(create(body)).at("output").at("task_id").get<std::string>();
  }
  nlohmann::json query(std::string const& id) { return read(api.answer(call("GET", "/tasks/" + id))); }
  std::string status(std::string const& id) {
    return query(id).at("output").at("task_status").get<std::string>();
  }
  Answer cancel(std::string const& id) { return api.answer(call("POST", "/tasks/" + id + "/cancel")); }
  nlohmann::json list(std::string const& query) { return read(api.answer(call("GET", "/tasks/?" + query))); }
  nlohmann::json ledger() { return read(api.answer(request("GET", "/__emulator/ledger"))); }
  // The first picture's address as a request target.
  std::string address(std::string const& id) {
    auto const url = query(id)["output"]["choices"][0]["message"]["content"][0]["image"].get<std::string>();
    return url.substr(std::string{"http://127.0.0.1:1"}.size());
  }
  Answer get(std::string const& target) { return api.answer(request("GET", target)); }
  void pass(milliseconds length) { clock.at += length; }

  static nlohmann::json read(Answer const& answer) { return nlohmann::json::parse(answer.body); }
  static std::string code(Answer const& answer) { return read(answer).value("code", ""); }

  Options options;
  HandClock clock;
  Api api;
};

// Decodes a PNG wholly; its size, or 0 by 0 if libpng refuses it.
inline Size decoded_size(std::string const& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) return {};
  image.format = PNG_FORMAT_RGB;
  std::string pixels(PNG_IMAGE_SIZE(image), '\0');
  if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) return {};
  return {static_cast<int>(image.width), static_cast<int>(image.height)};
}

}  // namespace wanspool::emulator
