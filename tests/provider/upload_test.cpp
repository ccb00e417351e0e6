#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "provider/provider.h"
#include "provider/replies.h"

// Input pictures: which a body names, and how they get to the provider (contract §7).
TEST_SUITE_BEGIN("provider");

using namespace wanspool;
using namespace wanspool::provider;

namespace {

Reply said(int status, std::string body) {
  Reply reply;
  reply.left = true;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

UploadPolicy sample_policy() {
  return std::get<UploadPolicy>(read_policy(said(200, sample("upload-policy-response.json")), Instant{}));
}

}  // namespace

TEST_CASE("the pictures of a body are told in their order, whatever its shape") {
  CHECK(inputs_of(sample("create-request-edit.json")).size() >= 1);
  CHECK(inputs_of(sample("create-request-wan25-i2i.json")) ==
        std::vector<std::string>{"https://img.example.com/clock.png", "https://img.example.com/vase.png"});
  CHECK(inputs_of(sample("create-request-wan22-t2i.json")).empty());
  for (auto const* const odd :
       {"", "[]", "{", R"({"input":1})", R"({"input":{"messages":{},"images":[1,{}]}})",
        R"({"input":{"messages":[1,{"content":[{"image":2},3]}]}})"})
    CHECK(inputs_of(odd).empty());
}

TEST_CASE("other texts are put in the place of pictures and of nothing else") {
  std::string const body =
      R"({"input":{"messages":[{"content":[{"text":"\"image\":\"file:a\" file:a"},{"image":"file:a"},{"image":"http://b"}],"role":"user"}]},"model":"m","parameters":{"size":"file:a"}})";
  auto const put =
      with_inputs(body, [](std::string const& text) { return text == "file:a" ? "oss://x/y" : text; });
  CHECK(
      put ==
      R"({"input":{"messages":[{"content":[{"text":"\"image\":\"file:a\" file:a"},{"image":"oss://x/y"},{"image":"http://b"}],"role":"user"}]},"model":"m","parameters":{"size":"file:a"}})");
  CHECK(with_inputs(body, [](std::string const& text) { return text; }) == body);
}

TEST_CASE("leave to upload is asked for a model, with the key") {
  auto const request = policy_request({"https://h/api/v1", "sk-1", {}}, "wan2.6-image");
  CHECK(request.url.starts_with("https://h/api/v1/uploads?action=getPolicy&model=wan2"));
  CHECK(request.method == Method::Get);
  CHECK(request.origin == Origin::Endpoint);
}

TEST_CASE("leave to upload holds as long as it says") {
  auto const policy = sample_policy();
  CHECK(policy.host == "https://dashscope-file-mgr.oss-cn-beijing.aliyuncs.com");
  CHECK(policy.until == Instant{seconds{300}});
  CHECK(policy.fields.size() == 5);
}

TEST_CASE("a picture goes up as a form without the key, its file last") {
  auto const policy = sample_policy();
  auto const request = upload_request(policy, "1-abc.jpg", std::string(64, 'f'), "BYTES");
  CHECK(request.url == policy.host);
  CHECK(request.origin == Origin::Foreign);
  for (auto const& header : request.headers) CHECK(header.name != "Authorization");
  auto const file = request.body.find("name=\"file\"");
  REQUIRE(file != std::string::npos);
  for (auto const* const field : {"OSSAccessKeyId", "Signature", "policy", "key", "x-oss-object-acl",
                                  "x-oss-forbid-overwrite", "success_action_status"}) {
    auto const at = request.body.find("name=\"" + std::string{field} + "\"");
    CAPTURE(field);
    CHECK(at < file);
  }
  CHECK(request.body.find("Content-Type: image/jpeg\r\n\r\nBYTES\r\n--") != std::string::npos);
  CHECK(request.body.find(policy.folder + "/1-abc.jpg\r\n") != std::string::npos);
  CHECK(address_of(policy, "1-abc.jpg") == "oss://" + policy.folder + "/1-abc.jpg");
}

TEST_CASE("what an upload's answer means for the next try") {
  using Kind = UploadEnd::Kind;
  CHECK(read_upload(said(200, "")).kind == Kind::Done);
  CHECK(read_upload(said(204, "")).kind == Kind::Done);
  CHECK(read_upload(said(403, sample("upload-policy-expired.xml"))).kind == Kind::Anew);
  CHECK(read_upload(said(409, "<Error><Code>FileAlreadyExists</Code></Error>")).kind == Kind::Anew);
  CHECK(read_upload(said(400, "<Error><Code>EntityTooLarge</Code></Error>")).kind == Kind::Never);
  CHECK(read_upload(said(503, "busy")).kind == Kind::Later);
  Reply broken;
  broken.failure = "reset";
  CHECK(read_upload(broken).kind == Kind::Later);
}

TEST_CASE("an answer that gives no leave is weather, or the account's") {
  auto const kind = [](Reply const& reply) { return std::get<Trouble>(read_policy(reply, Instant{})).kind; };
  CHECK(kind(said(429, R"({"code":"Throttling.RateQuota","message":"slow"})")) == Trouble::Kind::Lane);
  CHECK(kind(said(401, R"({"code":"InvalidApiKey","message":"no"})")) == Trouble::Kind::Account);
  CHECK(kind(said(400, R"({"code":"InvalidParameter","message":"no"})")) == Trouble::Kind::Retry);
  CHECK(kind(said(200, "<html>")) == Trouble::Kind::Lane);
  CHECK(kind(said(200, R"({"data":{}})")) == Trouble::Kind::Lane);
  CHECK(kind(said(200, R"({"data":[]})")) == Trouble::Kind::Lane);
  CHECK(kind(Reply{}) == Trouble::Kind::Lane);
}

TEST_CASE("a picture of the web comes, is elsewhere, comes later or never") {
  using Kind = FetchEnd::Kind;
  CHECK(read_fetch(said(200, "")).kind == Kind::Done);
  CHECK(read_fetch(said(404, "")).kind == Kind::Never);
  CHECK(read_fetch(said(503, "")).kind == Kind::Later);
  auto moved = said(301, "");
  CHECK(read_fetch(moved).kind == Kind::Never);
  moved.headers = {{"location", "/there.png"}};
  CHECK(read_fetch(moved).kind == Kind::Elsewhere);
  CHECK(read_fetch(moved).words == "/there.png");
  Reply refused;
  refused.failure = "refused: 10.0.0.1 is in a private network";
  refused.local = true;
  CHECK(read_fetch(refused).kind == Kind::Never);
}

TEST_CASE("of the troubles only those of a picture that could not be had say so") {
  auto const input = [](std::string const& file) {
    auto const news = read_create(said(400, sample(file)));
    return std::get<news::Refused>(news).trouble.input;
  };
  CHECK(input("create-error-400-datainspection-download.json"));
  CHECK(input("create-error-400-oss-unresolved.json"));
  CHECK_FALSE(input("create-error-400-datainspection.json"));
  CHECK_FALSE(input("create-error-400-invalid-parameter-n.json"));
}
