#include "emulator/results.h"

#include <doctest/doctest.h>

#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

Options small_pictures() {
  auto options = calm_options();
  options.picture_size = Size{64, 48};
  return options;
}

struct Gallery : Stage {
  explicit Gallery(Options chosen = small_pictures()) : Stage{std::move(chosen)} {
    id = created();
    pass(seconds{90});
    target = address(id);
  }
  std::string id;
  std::string target;
};

}  // namespace

TEST_CASE("a signed address gives the picture, and the ledger counts it") {
  Gallery gallery;
  auto const answer = gallery.get(gallery.target);
  CHECK(answer.status == 200);
  CHECK(decoded_size(answer.body).width == 64);
  gallery.get(gallery.target);
  CHECK(gallery.ledger()["tasks"][0]["fetched"] == nlohmann::json::array({2}));
  CHECK(gallery.ledger()["pictures_fetched_again"] == 1);
}

TEST_CASE("every signature has escapes, and only the very same bytes are taken") {
  Gallery gallery;
  REQUIRE(gallery.target.find("%2F") != std::string::npos);
  REQUIRE(gallery.target.find("%2B") != std::string::npos);
  REQUIRE(gallery.target.find("%3D") != std::string::npos);
  for (auto const& [escape, letter] :
       {std::pair{"%2F", "/"}, std::pair{"%2B", "+"}, std::pair{"%3D", "="}, std::pair{"%2F", "%2f"}}) {
    auto other = gallery.target;
    other.replace(other.find(escape), 3, letter);
    auto const answer = gallery.get(other);
    CHECK(answer.status == 403);
    CHECK(answer.body.find("SignatureDoesNotMatch") != std::string::npos);
  }
}

TEST_CASE("an address dies when its time is over") {
  auto options = small_pictures();
  options.life = hours{24};
  Gallery gallery{options};
  gallery.pass(hours{24} - milliseconds{1});
  CHECK(gallery.get(gallery.target).status == 200);
  gallery.pass(seconds{1});
  auto const answer = gallery.get(gallery.target);
  CHECK(answer.status == 403);
  CHECK(answer.body.find("Request has expired.") != std::string::npos);
}

TEST_CASE("Expires is in real seconds, whatever the speed") {
  auto options = small_pictures();
  options.speed = 3600;
  options.service_time = seconds{0};
  Stage stage{options};
  auto const target = stage.address(stage.created());
  auto const expires = std::stoll(target.substr(target.find("Expires=") + 8));
  CHECK(Instant{seconds{expires}} == stage.clock.at + seconds{24});
}

TEST_CASE("HEAD and a key are refused on a signed address") {
  Gallery gallery;
  CHECK(gallery.api.answer(Stage::request("HEAD", gallery.target)).status == 403);
  auto asked = Stage::request("GET", gallery.target);
  asked.headers = {{"authorization", "Bearer sk-one"}};
  CHECK(gallery.api.answer(asked).status == 403);
}

TEST_CASE("a part of a picture can be had") {
  Gallery gallery;
  auto const whole = gallery.get(gallery.target).body;
  auto const part = [&](std::string const& range) {
    auto asked = Stage::request("GET", gallery.target);
    asked.headers = {{"range", range}};
    return gallery.api.answer(asked);
  };
  CHECK(part("bytes=10-19").status == 206);
  CHECK(part("bytes=10-19").body == whole.substr(10, 10));
  CHECK(part("bytes=10-").body == whole.substr(10));
  CHECK(part("bytes=-7").body == whole.substr(whole.size() - 7));
  CHECK(part("bytes=999999-").status == 416);
  auto const size = std::to_string(whole.size());
  auto const range = [&](std::string const& asked) {
    for (auto const& each : part(asked).headers)
      if (each.name == "content-range") return each.value;
    return std::string{};
  };
  CHECK(range("bytes=10-19") == "bytes 10-19/" + size);
  CHECK(range("bytes=10-") == "bytes 10-" + std::to_string(whole.size() - 1) + "/" + size);
  CHECK(range("bytes=" + size + "-") == "bytes */" + size);
  CHECK(part("bytes=0-").status == 206);
  CHECK(part("bytes=0-").body == whole);
}

TEST_CASE("rules spoil a download, and it does not count as fetched") {
  auto options = small_pictures();
  options.rules = {parse_rule("download:1:not-png"), parse_rule("download:2:cut-png"),
                   parse_rule("download:3:bad-crc"), parse_rule("download:4:expired"),
                   parse_rule("download:5:reset")};
  Gallery gallery{options};
  CHECK(gallery.get(gallery.target).body.starts_with("This is not"));
  CHECK(decoded_size(gallery.get(gallery.target).body).width == 0);
  CHECK(decoded_size(gallery.get(gallery.target).body).width == 0);
  CHECK(gallery.get(gallery.target).status == 403);
  CHECK(gallery.get(gallery.target).manner.end == End::Reset);
  CHECK(gallery.ledger()["pictures_fetched"] == 0);
  CHECK(decoded_size(gallery.get(gallery.target).body).width == 64);
  CHECK(gallery.ledger()["pictures_fetched"] == 1);
}

TEST_CASE("base64 goes and comes back") {
  for (std::string const text : {"", "a", "ab", "abc", "abcd"}) CHECK(unbase64(base64(text)) == text);
}
