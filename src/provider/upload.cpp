#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "provider/envelope.h"
#include "provider/provider.h"
#include "provider/storage.h"
#include "provider/troubles.h"
#include "provider/words.h"

// Local pictures go up in two steps (contract §7): leave to write, then a form to the object storage.
namespace wanspool::provider {
namespace {

using Kind = Trouble::Kind;
using nlohmann::json;

// The real policy lives longer than it says; what it says is obeyed.
constexpr seconds kPolicyUsual{300};

std::string text_of(json const& data, char const* name) {
  auto const found = data.find(name);
  return found != data.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

seconds life_of(json const& data) {
  auto const found = data.find("expire_in_seconds");
  if (found == data.end() || !found->is_number()) return kPolicyUsual;
  auto const said = found->get<double>();
  return said >= 1 && said <= 3600 ? seconds{static_cast<std::int64_t>(said)} : kPolicyUsual;
}

Trouble later(Reply const& reply, std::string code, std::string message) {
  return {Kind::Lane, std::move(code), "leave to upload: " + message, retry_after(reply)};
}

// What would end a task is no more than a refusal of this leave: what it is for may yet be sent.
Trouble of_error(Reply const& reply, ErrorWords error) {
  if (error.request_id.empty()) error.request_id = request_id(reply);
  auto trouble = trouble_of(error, reply.status, retry_after(reply));
  if (trouble.kind != Kind::Account && trouble.kind != Kind::Lane) trouble.kind = Kind::Retry;
  trouble.message = "leave to upload: " + trouble.message;
  return trouble;
}

std::string type_of(std::string_view name) {
  auto const ending = name.substr(std::min(name.rfind('.'), name.size()));
  if (ending == ".jpg") return "image/jpeg";
  if (ending == ".bmp") return "image/bmp";
  if (ending == ".webp") return "image/webp";
  return "image/png";
}

}  // namespace

std::variant<UploadPolicy, Trouble> read_policy(Reply const& reply, Instant now) {
  if (!reply.complete()) return later(reply, "Unreachable", plain(reply.failure));
  auto said = open_envelope(reply.body);
  if (!said.parsed) return later(reply, "NotJson", "the service answered " + beginning(reply.body));
  if (!said.top.code.empty()) return of_error(reply, std::move(said.top));
  if (reply.status < 200 || reply.status >= 300)
    return later(reply, "HttpStatus",
                 fmt::format("the service answered HTTP {} without an error code", reply.status));
  auto const read = json::parse(reply.body, nullptr, false);
  auto const data = read.value("data", json::object());
  if (!data.is_object()) return later(reply, "AnswerIncomplete", "the answer lacks data");
  UploadPolicy policy;
  policy.host = text_of(data, "upload_host");
  policy.folder = text_of(data, "upload_dir");
  policy.fields = {{"OSSAccessKeyId", text_of(data, "oss_access_key_id")},
                   {"Signature", text_of(data, "signature")},
                   {"policy", text_of(data, "policy")},
                   {"x-oss-object-acl", text_of(data, "x_oss_object_acl")},
                   {"x-oss-forbid-overwrite", text_of(data, "x_oss_forbid_overwrite")}};
  policy.until = now + life_of(data);
  if (policy.host.empty() || policy.folder.empty() || policy.fields.front().value.empty())
    return later(reply, "AnswerIncomplete", "the answer lacks upload_host, upload_dir or oss_access_key_id");
  return policy;
}

// RFC 7578; the file must be the last field. The mark is taken from the picture's own sum, which stands in no
// picture that has it.
Request upload_request(UploadPolicy const& policy, std::string const& name, std::string_view sha256,
                       std::string_view bytes) {
  auto const mark = fmt::format("wanspool-{}", sha256.substr(0, 32));
  std::string body;
  body.reserve(bytes.size() + 4096);
  auto const field = [&](std::string const& key, std::string const& value) {
    body +=
        fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", mark, key, value);
  };
  for (auto const& each : policy.fields)
    if (!each.value.empty()) field(each.name, each.value);
  field("key", policy.folder + "/" + name);
  field("success_action_status", "200");
  body += fmt::format(
      "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
      mark, name, type_of(name));
  body += bytes;
  body += fmt::format("\r\n--{}--\r\n", mark);
  Request request;
  request.method = Method::Post;
  request.url = policy.host;
  request.headers = {{"Content-Type", "multipart/form-data; boundary=" + mark}};
  request.body = std::move(body);
  request.origin = Origin::Foreign;
  request.timeout = minutes{10};
  return request;
}

std::string address_of(UploadPolicy const& policy, std::string const& name) {
  return "oss://" + policy.folder + "/" + name;
}

UploadEnd read_upload(Reply const& reply) {
  auto const end = [](UploadEnd::Kind kind, std::string words, milliseconds wait = {}) {
    return UploadEnd{kind, "upload: " + words, wait};
  };
  if (!reply.complete()) return end(UploadEnd::Kind::Later, plain(reply.failure));
  if (reply.status == 200 || reply.status == 204) return {UploadEnd::Kind::Done, {}, {}};
  auto words = storage_words(reply);
  auto const code = xml_text(reply.body, "Code");
  if (reply.status == 409 || code == "FileAlreadyExists") return end(UploadEnd::Kind::Anew, words);
  if (code == "EntityTooLarge" || reply.status == 413) return end(UploadEnd::Kind::Never, words);
  if (reply.status == 403 || reply.status == 400) return end(UploadEnd::Kind::Anew, words);
  return end(UploadEnd::Kind::Later, words, retry_after(reply));
}

Request fetch_request(std::string_view address, std::int64_t most) {
  Request request;
  request.url = address;
  request.origin = Origin::Foreign;
  request.headers = {{"Accept", "image/*"}};
  request.timeout = minutes{5};
  request.body_limit = static_cast<std::size_t>(most);
  return request;
}

FetchEnd read_fetch(Reply const& reply) {
  auto const status = reply.status;
  if (reply.complete() && status >= 200 && status < 300) return {FetchEnd::Kind::Done, {}, {}};
  if (!reply.complete())
    return {reply.local ? FetchEnd::Kind::Never : FetchEnd::Kind::Later, plain(reply.failure), {}};
  if (status >= 300 && status < 400 && !reply.header("location").empty())
    return {FetchEnd::Kind::Elsewhere, std::string{reply.header("location")}, {}};
  auto words = fmt::format("the server answered HTTP {}", status);
  bool const later = status >= 500 || status == 408 || status == 429;
  return {later ? FetchEnd::Kind::Later : FetchEnd::Kind::Never, std::move(words), retry_after(reply)};
}

}  // namespace wanspool::provider
