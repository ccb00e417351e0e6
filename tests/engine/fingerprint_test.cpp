#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/schema.h"
#include "engine/chains.h"
#include "engine/expand.h"

using namespace wanspool;

TEST_SUITE_BEGIN("engine");

namespace {

using Parameters = std::map<std::string, Value>;

Models const& models() {
  static auto const known = read_models(schema_file("models.yaml"), "models.yaml");
  return known;
}

NewJob row(JobRequest const& request, int take = 1) {
  ManifestJob job;
  job.id = "job";
  job.request = request;
  job.pictures = 1;
  job.take = take;
  return row_of(job, models().at(request.model), "cn-beijing");
}

Parameters with(Parameters parameters, Parameters const& more) {
  for (auto const& [name, value] : more) parameters[name] = value;
  return parameters;
}

Parameters const kEdit{
    {"enable_interleave", false}, {"n", 1}, {"size", "1K"}, {"prompt_extend", true}, {"watermark", false}};
Parameters const kInterleave{
    {"enable_interleave", true}, {"n", 1}, {"max_images", 3}, {"size", "1280*1280"}, {"watermark", false}};
Parameters const kWords{{"n", 1}, {"size", "1280*1280"}, {"prompt_extend", true}, {"watermark", false}};

std::string const kA = "https://example.com/a.png", kB = "https://example.com/b.png";

JobRequest edit(std::vector<std::string> images, std::string prompt, Parameters const& more = {}) {
  return {"wan2.6-image", std::move(prompt), std::move(images), with(kEdit, more), {}};
}
JobRequest interleave(std::vector<std::string> images) {
  return {"wan2.6-image", "How to fold a kite", std::move(images), kInterleave, {}};
}
JobRequest words(std::string prompt, Parameters const& more = {}) {
  return {"wan2.6-t2i", std::move(prompt), {}, with(kWords, more), {}};
}

std::string const kPicture = "92b2fa58028958317e408bd84ecfa70f5ee35b121991dbc232c49d166353708b";

std::string const kVerbatim =
    R"({"model":"wan2.6-t2i","input":{"messages":[{"role":"user","content":[{"text":"a kite"}]}]},)"
    R"("parameters":{"size":"1K","n":1}})";

std::string without_seed(std::string const& body) {
  auto const seed = body.find("\"seed\":") + 7;
  REQUIRE(seed > 7);
  return std::string{body}.erase(seed, body.find_first_not_of("0123456789", seed + 1) - seed);
}

}  // namespace

// Reckoned by another program from manifest.md: SHA-256 of the body as JSON, keys sorted, no space. Were one
// of them ever another, everything would be bought a second time.
TEST_CASE("a request has the fingerprint that it always had") {
  struct Golden {
    JobRequest request;
    std::string fingerprint;
    std::string seed;  // that is sent; derived but where the request has one
  };
  std::vector<Golden> const golden{
      {edit({kA}, "Make it dusk"), "61b7f31b3e7ede17d92373d5e268df893a9800bf24f4e10a2d97832a89d9b271",
       "2146397396"},
      {edit({kA, kB}, "Image 1 in the style of image 2"),
       "899e1612afbf167f1dbade9eb77f9c520bd6c3c9ee8e90b2835c85159934b05f", "668307403"},
      {edit({kB, kA}, "Image 1 in the style of image 2"),
       "c9a3a40a53f9671ac8062345be13ada6d022c15f609ad72e488de1db0ba57e3d", "1742413251"},
      {edit({kA}, "Make it dusk", {{"n", 4}, {"size", "2K"}}),
       "8f2120d2e9538025b3b63e7a240cd61a2dc7d07941e19acfad89463051a6013a", "760781451"},
      {interleave({}), "60dcaaed3ce755ff829eeb6cb99c3bd4e51a70aae93c35e3400f0f75917d5e2b", "2132026534"},
      {interleave({"oss://bucket/kite.png"}),
       "d98cee850e0a721cd4961ac2214bc1bf63325879da11c81ceecdd201656dcdb1", "2009360446"},
      {words("a kite"), "656037e80471cde5f97782cc3ee0f762fc7c840f38f6a730ccb112993fb1e5c8", "60273057"},
      {words("a \"kite\"\\\nover\tthe \x01\x7f sea/"),
       "cedeb89c81c522769d77e59222f8dce306c4683727bcaf81dd93533b8a511c18", "1830171221"},
      {words("一只风筝 über dem Meer 🪁"),
       "babcc1b299c8d78a9a66c348c3ce7329316310d682242e9576053ae9165b5b12", "1492401003"},
      {words("a kite", {{"negative_prompt", "clouds, \"rain\""}}),
       "ac2c81065088be032b376c1d400c70cedd1f2b7349d790396c3a52f3264f2bdf", "1248066239"},
      {words("a kite", {{"seed", 7}}), "8eeca86c47974d39d989a68f3999f474d0c30bb0ab6d113e67165dbbcd6256a7",
       "7"},
      {{"wan2.6-t2i", {}, {}, {}, kVerbatim},
       "40c0c4296338029e3a26048895383610083d75a208e4f7489f2d90e24f034ad0",
       ""},
      // A file of ours is its bytes.
      {edit({"file:" + kPicture + ".png"}, "Make it dusk"),
       "3f9256a99f11f96c5a419b2ee1838710d757ea4024f9df2b97b8b6b2653d0855", "1573507170"},
      // Siblings with other bodies.
      {{"wan2.5-i2i-preview",
        "Place the clock beside the vase",
        {kA, kB},
        {{"n", 1}, {"prompt_extend", true}, {"watermark", false}, {"negative_prompt", "text"}},
        {}},
       "37774c24eefb5476e8af68185f98c9e41202e9442d5bb18a3554993d012fcda2",
       "1437517277"},
      {{"wan2.2-t2i-flash", "A paper boat", {}, {{"n", 1}, {"size", "1024*1024"}}, {}},
       "e4eb291df1b6b456d032d40f10318f671a23ce25ff9b68552015ec7f908c8986",
       "52601558"},
      {{"wan2.7-image", "Say OPEN", {kA}, {{"n", 1}, {"size", "2K"}, {"thinking_mode", true}}, {}},
       "98a134e9582de9789a3b657046a2bb4f07dab636d70ee3431a9243b796a2f1be",
       "920170146"},
  };
  for (auto const& each : golden) {
    INFO(each.request.prompt);
    auto const made = row(each.request);
    CHECK(made.fingerprint == each.fingerprint);
    auto const seed = "\"seed\":" + each.seed + ",";
    auto const last = "\"seed\":" + each.seed + "}";
    bool const is_seeded =
        made.body.find(seed) != std::string::npos || made.body.find(last) != std::string::npos;
    CHECK(is_seeded == !each.seed.empty());
  }
}

TEST_CASE("what is made from another job's picture has the fingerprint that follows from that job's") {
  auto source = row(edit({kA}, "Make it dusk"));
  source.name = "dusk";
  auto follower = row(edit({"job:dusk#2", kB}, "Frame it"));
  Chains chains{{std::hash<std::string>{}("dusk")}, {}};
  std::vector<NewJob> rows;
  for (auto const& each : {source, follower})
    chains.add(each, [&](NewJob&& made) { rows.push_back(std::move(made)); });
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].fingerprint == "8c402ee59729db28d2f7f167c80acd1087ac17798d20c8abf2d2bff1be531e3b");
  CHECK(rows[1].body.find("\"seed\":712485022,") != std::string::npos);
}

TEST_CASE("what is sent has its keys sorted and nothing but them") {
  CHECK(row(words("a kite")).body ==
        R"({"input":{"messages":[{"content":[{"text":"a kite"}],"role":"user"}]},"model":"wan2.6-t2i",)"
        R"("parameters":{"n":1,"prompt_extend":true,"seed":60273057,"size":"1280*1280","watermark":false}})");
  CHECK(row({"wan2.6-t2i", {}, {}, {}, kVerbatim}).body ==
        R"({"input":{"messages":[{"content":[{"text":"a kite"}],"role":"user"}]},"model":"wan2.6-t2i",)"
        R"("parameters":{"n":1,"size":"1K"}})");
}

TEST_CASE("a take has a fingerprint and a seed of its own, and the first one is the plain request") {
  struct Golden {
    JobRequest request;
    int take;
    std::string fingerprint, seed;
  };
  auto const sown = words("a kite", {{"seed", 7}});
  JobRequest const verbatim{"wan2.6-t2i", {}, {}, {}, kVerbatim};
  std::vector<Golden> const golden{
      {words("a kite"), 2, "cf5ecb118368dc500f985219e3fe25b9e71a7bdf86822b35152eab07f7dbc260", "567225178"},
      {words("a kite"), 3, "5cd58c87161a76e295d220b5a6dde583f1233b10e85731ff453409dbaca4d55a", "1074177299"},
      {sown, 2, "d19706e677029a7d6a93e73f20e21ee7cf89ff94b3d948df1de4811e66dfb66f", "1264294878"},
      {verbatim, 2, "dbae0c709f1a6724ffd1f60f1390fe8b1fe6967abac1640648fde38af64575f5", "2100279195"},
  };
  for (auto const& each : golden) {
    auto const made = row(each.request, each.take);
    CHECK(made.fingerprint == each.fingerprint);
    CHECK(made.body.find("\"seed\":" + each.seed + ",") != std::string::npos);
    CHECK(made.base == row(each.request).fingerprint);
    CHECK(made.take == each.take);
  }
  CHECK(row(words("a kite"), 1).fingerprint == row(words("a kite")).fingerprint);
  CHECK(row(words("a kite")).base.empty());
}

TEST_CASE("a take differs from the plain request in its seed alone") {
  for (auto const& request : {words("a kite"), edit({kA}, "Make it \"dusk\""), interleave({})}) {
    auto const first = row(request).body, second = row(request, 2).body;
    CHECK(first != second);
    CHECK(without_seed(first) == without_seed(second));
  }
}
