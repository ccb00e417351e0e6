#include <doctest/doctest.h>

#include <set>

#include "provider/replies.h"

using namespace wanspool;
using namespace wanspool::provider;

TEST_SUITE_BEGIN("provider");

namespace {

Endpoint const kEndpoint{"https://dashscope-intl.aliyuncs.com/api/v1", "sk-secret"};

Model image_model() {
  Model model;
  model.name = "wan2.6-image";
  model.path = "/services/aigc/image-generation/generation";
  return model;
}

std::string header(Request const& request, std::string const& name) {
  for (auto const& each : request.headers)
    if (each.name == name) return each.value;
  return "(none)";
}

JobRequest cat() {
  return {"wan2.6-image",
          "a cat \"像\"\n",
          {"https://a/1", "https://a/2"},
          {{"n", std::int64_t{1}}, {"watermark", false}},
          {}};
}

std::string verbatim_body(std::string text) {
  return create_body(image_model(), {"wan2.6-image", {}, {}, {}, std::move(text)});
}

}  // namespace

TEST_CASE("a body is compact, its keys sorted, the text first and the pictures in their order") {
  CHECK(
      create_body(image_model(), cat()) ==
      R"({"input":{"messages":[{"content":[{"text":"a cat \"像\"\n"},{"image":"https://a/1"},{"image":"https://a/2"}],)"
      R"("role":"user"}]},"model":"wan2.6-image","parameters":{"n":1,"watermark":false}})");
}

TEST_CASE("a verbatim request keeps its content, and its bytes do not depend on how it was written") {
  CHECK(verbatim_body(R"({ "b": [3, 1, {"z":1,"y":null}], "a" : 1.0, "model":"m" })") ==
        R"({"a":1.0,"b":[3,1,{"y":null,"z":1}],"model":"m"})");
  CHECK_THROWS_AS(verbatim_body("[1]"), std::invalid_argument);
  CHECK_THROWS_AS(verbatim_body("{"), std::invalid_argument);
}

TEST_CASE("an older model has its words and pictures by name, and the negative prompt among them") {
  auto model = image_model();
  model.body = BodyShape::Input;
  auto request = cat();
  request.parameters["negative_prompt"] = "dogs";
  CHECK(
      create_body(model, request) ==
      R"({"input":{"images":["https://a/1","https://a/2"],"negative_prompt":"dogs","prompt":"a cat \"像\"\n"},)"
      R"("model":"wan2.6-image","parameters":{"n":1,"watermark":false}})");
  CHECK(create_body(model, {"wan2.6-image", "a cat", {}, {}, {}}) ==
        R"({"input":{"prompt":"a cat"},"model":"wan2.6-image","parameters":{}})");
}

TEST_CASE("lists and maps stand in a body as they are") {
  auto request = cat();
  request.images.clear();
  request.parameters = {{"bbox_list", Nested{"[[[1,2,3,4]]]"}}};
  CHECK(create_body(image_model(), request).ends_with(R"("parameters":{"bbox_list":[[[1,2,3,4]]]}})"));
}

TEST_CASE("a workspace is named to the service and to nobody else") {
  Endpoint const endpoint{"https://proxy.example/api/v1", "sk-secret", "llm-1"};
  CHECK(header(create_request(endpoint, image_model(), "{}"), "X-DashScope-WorkSpace") == "llm-1");
  CHECK(header(query_request(endpoint, "t"), "X-DashScope-WorkSpace") == "llm-1");
  CHECK(header(list_request(endpoint, 1), "X-DashScope-WorkSpace") == "llm-1");
  CHECK(header(download_request("https://a/1.png"), "X-DashScope-WorkSpace") == "(none)");
  CHECK(header(create_request(kEndpoint, image_model(), "{}"), "X-DashScope-WorkSpace") == "(none)");
}

TEST_CASE("text that is not UTF-8 does not throw") {
  auto request = cat();
  request.prompt = "\xff";
  CHECK(contains(create_body(image_model(), request), "\xef\xbf\xbd"));
}

TEST_CASE("a seed is added where there is none, and only there") {
  CHECK(with_seed(R"({"parameters":{"n":1}})", 7) == R"({"parameters":{"n":1,"seed":7}})");
  CHECK(with_seed(R"({"parameters":{"seed":3}})", 7) == R"({"parameters":{"seed":3}})");
  CHECK(with_seed(R"({"model":"m"})", 7) == R"({"model":"m","parameters":{"seed":7}})");
  CHECK(with_seed(R"({"parameters":[1]})", 7) == R"({"parameters":[1]})");
}

TEST_CASE("a seed follows from fingerprint and take, differs from take to take, and is one the API takes") {
  std::string const fingerprint = "ffffffff00000000";
  std::set<std::uint32_t> seeds;
  for (int take = 0; take < 1000; ++take) seeds.insert(seed_of(fingerprint, take));
  CHECK(seeds.size() == 1000);
  CHECK(*seeds.rbegin() <= 2147483647u);
  CHECK(seed_of(fingerprint, 1) == seed_of("FFFFFFFFabc", 1));
  CHECK(seed_of("00000001", 0) == 1);
  CHECK(seed_of("00000001", 1) != seed_of("00000002", 1));
  CHECK(seed_of("", 0) == 0);
}

TEST_CASE("a create is sent once, with the key and the async header, to the model's path") {
  auto const request = create_request(kEndpoint, image_model(), "{}");
  CHECK(request.method == Method::Post);
  CHECK(request.url ==
        "https://dashscope-intl.aliyuncs.com/api/v1/services/aigc/image-generation/generation");
  CHECK(request.repeat == Repeat::Never);
  CHECK(request.origin == Origin::Endpoint);
  CHECK(header(request, "Authorization") == "Bearer sk-secret");
  CHECK(header(request, "Content-Type") == "application/json");
  CHECK(header(request, "X-DashScope-Async") == "enable");
  CHECK(header(request, "Accept") == "application/json");
  CHECK(header(request, "X-DashScope-OssResourceResolve") == "(none)");
  CHECK(request.timeout == seconds{300});
  CHECK(request.body == "{}");
}

TEST_CASE("a create with an uploaded picture asks the service to resolve it") {
  auto job = cat();
  job.images = {"oss://dashscope-instant/a/cat.png"};
  auto const request = create_request(kEndpoint, image_model(), create_body(image_model(), job));
  CHECK(header(request, "X-DashScope-OssResourceResolve") == "enable");
}

TEST_CASE("a query may be repeated, and no task's name leads elsewhere") {
  auto const request = query_request(kEndpoint, "0a9d4e77-51c3");
  CHECK(request.method == Method::Get);
  CHECK(request.url == "https://dashscope-intl.aliyuncs.com/api/v1/tasks/0a9d4e77-51c3");
  CHECK(request.repeat == Repeat::Allowed);
  CHECK(header(request, "Authorization") == "Bearer sk-secret");
  CHECK(header(request, "X-DashScope-Async") == "(none)");
  CHECK(query_request(kEndpoint, "../x?y#\r\n").url ==
        "https://dashscope-intl.aliyuncs.com/api/v1/tasks/%2E%2E%2Fx%3Fy%23%0D%0A");
}

TEST_CASE("the list is asked for page by page, of all models, states and times") {
  auto const request = list_request(kEndpoint, 3);
  CHECK(request.method == Method::Get);
  CHECK(request.url == "https://dashscope-intl.aliyuncs.com/api/v1/tasks/?page_no=3&page_size=100");
  CHECK(request.repeat == Repeat::Allowed);
  CHECK(header(request, "Authorization") == "Bearer sk-secret");
  CHECK(request.body.empty());
}

TEST_CASE("a download goes to the address as it came and carries no key") {
  std::string const url = "https://h.example/a.png?Expires=1&Signature=a%2Fb%2Bc%3D";
  auto const request = download_request(url);
  CHECK(request.url == url);
  CHECK(request.method == Method::Get);
  CHECK(request.origin == Origin::Foreign);
  CHECK(request.headers.empty());
  CHECK(request.body_limit == 64u << 20);
}

TEST_CASE("a download that goes on asks for what follows") {
  auto const request = download_request("https://h.example/a.png", 4096);
  REQUIRE(request.headers.size() == 1);
  CHECK(header(request, "Range") == "bytes=4096-");
}

TEST_CASE("an answer of the service has at most 16 MiB") {
  for (auto const& request : {create_request(kEndpoint, image_model(), "{}"), query_request(kEndpoint, "t"),
                              list_request(kEndpoint, 1)})
    CHECK(request.body_limit == 16u << 20);
}

TEST_CASE("an endpoint's region is read from its host") {
  CHECK(region_of("https://dashscope.aliyuncs.com/api/v1") == "cn-beijing");
  CHECK(region_of("https://dashscope-intl.aliyuncs.com/api/v1") == "ap-southeast-1");
  CHECK(region_of("https://DashScope-US.aliyuncs.com:443/api/v1") == "us-east-1");
  CHECK(region_of("https://cn-hongkong.dashscope.aliyuncs.com/api/v1") == "cn-hongkong");
  CHECK(region_of("https://ws-1.eu-central-1.maas.aliyuncs.com/api/v1") == "eu-central-1");
  CHECK(region_of("https://trial.ap-northeast-1.maas.aliyuncs.com/api/v1") == "ap-northeast-1");
  CHECK(region_of("https://ws-1.cn-beijing.maas.aliyuncs.com") == "cn-beijing");
  CHECK(region_of("https://ws-1.mars-1.maas.aliyuncs.com") == "unknown");
  CHECK(region_of("https://example.com/dashscope.aliyuncs.com") == "unknown");
  CHECK(region_of("https://dashscope.aliyuncs.com.example.com") == "unknown");
  CHECK(region_of("") == "unknown");
}

TEST_CASE("loopback is an address of this machine and no name that looks like one") {
  for (auto const* base : {"http://127.0.0.1:8080/api/v1", "http://127.9.8.7", "http://localhost:1/api/v1",
                           "http://LOCALHOST", "http://[::1]:9/api/v1", "http://user:pw@127.0.0.1/"})
    CHECK(region_of(base) == "loopback");
  for (auto const* base :
       {"http://127.0.0.1.example.com", "http://127.example.com", "http://localhost@example.com",
        "http://localhost.example.com", "http://[::2]/", "http://10.0.0.1", "http://[",
        "http://["
        "]"})
    CHECK(region_of(base) == "unknown");
}
