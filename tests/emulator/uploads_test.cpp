#include <doctest/doctest.h>

#include "emulator/picture.h"
#include "emulator/stage.h"

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Store : Stage {
  Store() { policy = read(api.answer(call("GET", "/uploads?action=getPolicy&model=wan2.6-image")))["data"]; }

  Fields fields(std::string const& name, std::string const& bytes) const {
    return {{"OSSAccessKeyId", policy["oss_access_key_id"]},
            {"Signature", policy["signature"]},
            {"policy", policy["policy"]},
            {"key", policy["upload_dir"].get<std::string>() + "/" + name},
            {"x-oss-object-acl", "private"},
            {"x-oss-forbid-overwrite", "true"},
            {"success_action_status", "200"},
            {"file", bytes}};
  }
  Answer send(Fields const& fields) {
    std::string body;
    for (auto const& [name, value] : fields)
      body += "--XyZ\r\nContent-Disposition: form-data; name=\"" + name + "\"" +
              (name == "file" ? "; filename=\"cat.png\"\r\nContent-Type: image/png" : "") + "\r\n\r\n" +
              value + "\r\n";
    auto asked = request("POST", "/__upload", body + "--XyZ--\r\n");
    asked.headers = {{"content-type", "multipart/form-data; boundary=XyZ"}};
    return api.answer(asked);
  }

  nlohmann::json policy;
};

}  // namespace

TEST_CASE("a stored file can be used in a create, and its shape decides the size") {
  Store store;
  CHECK(store.send(store.fields("cat.png", plain_png({1600, 900}, 0))).status == 200);
  auto asked = Stage::call(
      "POST", "/services/aigc/image-generation/generation",
      R"({"model":"wan2.6-image","input":{"messages":[{"role":"user","content":[{"text":"x"},{"image":"oss://)" +
          store.policy["upload_dir"].get<std::string>() + R"(/cat.png"}]}]},"parameters":{"n":1}})");
  asked.headers.push_back({"x-dashscope-ossresourceresolve", "enable"});
  auto const id = Stage::read(store.api.answer(asked))["output"]["task_id"].get<std::string>();
  store.pass(hours{1});
  CHECK(store.query(id)["usage"]["size"] == "1712*960");
}

TEST_CASE("the file comes last, or not at all") {
  Store store;
  auto fields = store.fields("cat.png", "x");
  std::swap(fields[6], fields[7]);
  CHECK(store.send(fields).status == 400);
}

TEST_CASE("a name is stored once") {
  Store store;
  CHECK(store.send(store.fields("cat.png", "x")).status == 200);
  auto const again = store.send(store.fields("cat.png", "x"));
  CHECK(again.status == 409);
  CHECK(again.body.find("FileAlreadyExists") != std::string::npos);
}

TEST_CASE("a policy is good for its time and its folder") {
  Store store;
  auto fields = store.fields("cat.png", "x");
  fields[3].second = "elsewhere/cat.png";
  CHECK(store.send(fields).status == 403);
  store.pass(seconds{300});
  auto const late = store.send(store.fields("cat.png", "x"));
  CHECK(late.status == 403);
  CHECK(late.body.find("Policy expired") != std::string::npos);
}

TEST_CASE("a policy that was changed is refused") {
  Store store;
  auto fields = store.fields("cat.png", "x");
  fields[2].second[5] = fields[2].second[5] == 'A' ? 'B' : 'A';
  CHECK(store.send(fields).body.find("SignatureDoesNotMatch") != std::string::npos);
}

TEST_CASE("without a wish for 200 a stored file is answered with 204") {
  Store store;
  auto fields = store.fields("cat.png", "");
  fields.erase(fields.begin() + 6);
  CHECK(store.send(fields).status == 204);
}
