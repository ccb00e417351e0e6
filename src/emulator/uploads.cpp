#include "emulator/uploads.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/sha256.h"
#include "emulator/order.h"
#include "emulator/results.h"
#include "emulator/tasks.h"

namespace wanspool::emulator {
namespace {

using nlohmann::json;

struct Field {
  std::string name;
  std::string_view value;
};

std::string quoted_after(std::string_view text, std::string_view key) {
  auto const at = text.find(key);
  if (at == std::string_view::npos) return {};
  auto rest = text.substr(at + key.size());
  if (!rest.starts_with('"')) return std::string{rest.substr(0, rest.find_first_of("; \r\n"))};
  return std::string{rest.substr(1, rest.find('"', 1) - 1)};
}

// The parts of a multipart/form-data body in their order; empty if it is none (RFC 7578).
std::vector<Field> fields_of(Asked const& asked) {
  auto const boundary = quoted_after(asked.header("content-type"), "boundary=");
  if (boundary.empty()) return {};
  std::vector<Field> fields;
  auto const mark = "\r\n--" + boundary;
  std::string_view rest = asked.body;
  if (!rest.starts_with(std::string_view{mark}.substr(2))) return {};
  rest.remove_prefix(mark.size() - 2);
  while (rest.starts_with("\r\n")) {
    auto const body = rest.find("\r\n\r\n");
    auto const end = rest.find(mark, body == std::string_view::npos ? 0 : body + 2);
    if (body == std::string_view::npos || end == std::string_view::npos) return {};
    // The empty line may be the part's last when its value is empty.
    auto const value = end < body + 4 ? std::string_view{} : rest.substr(body + 4, end - body - 4);
    fields.push_back({quoted_after(rest.substr(0, body), " name="), value});
    rest.remove_prefix(end + mark.size());
  }
  return fields;
}

std::string_view value_of(std::vector<Field> const& fields, std::string_view name) {
  for (auto const& each : fields)
    if (each.name == name) return each.value;
  return {};
}

}  // namespace

std::string Uploads::policy(std::string const& model, std::string const& request_id, std::string const& host,
                            Instant now) {
  auto const folder = fmt::format("dashscope-instant/{}/{}/{}", sha256_hex(secret_).substr(0, 32),
                                  beijing(now).substr(0, 10), request_id);
  models_[folder] = model;
  constexpr long kLimit = 100;
  json const policy{{"expiration", rfc3339(now + options_.policy_life)},
                    {"conditions",
                     {{"content-length-range", 0, kLimit << 20},
                      {"starts-with", "$key", folder},
                      {{"bucket", "dashscope-file-mgr"}},
                      {{"x-oss-object-acl", "private"}},
                      {{"x-oss-forbid-overwrite", "true"}}}}};
  auto const packed = base64(policy.dump());
  json const data{{"policy", packed},
                  {"signature", signature(secret_, packed)},
                  {"upload_dir", folder},
                  {"upload_host", host + "/__upload"},
                  {"expire_in_seconds", std::chrono::duration_cast<seconds>(options_.policy_life).count()},
                  {"max_file_size_mb", kLimit},
                  {"capacity_limit_mb", 999'999'999},
                  {"oss_access_key_id", kAccessKeyId},
                  {"x_oss_object_acl", "private"},
                  {"x_oss_forbid_overwrite", "true"}};
  return json{{"request_id", request_id}, {"data", data}}.dump();
}

Answer Uploads::receive(Asked const& asked, Instant now) {
  if (asked.has("authorization"))
    return xml_refusal(400, "InvalidArgument", "Only one auth mechanism allowed.");
  auto const fields = fields_of(asked);
  if (fields.empty())
    return xml_refusal(400, "MalformedPOSTRequest",
                       "The body of your POST request is not well-formed multipart/form-data.");
  if (fields.back().name != "file")
    return xml_refusal(400, "InvalidArgument", "The field 'file' must be the last one, once.");
  auto const policy = value_of(fields, "policy");
  if (value_of(fields, "OSSAccessKeyId") != kAccessKeyId)
    return xml_refusal(403, "InvalidAccessKeyId",
                       "The OSS Access Key Id you provided does not exist in our records.");
  if (value_of(fields, "Signature") != signature(secret_, policy))
    return xml_refusal(403, "SignatureDoesNotMatch",
                       "The request signature we calculated does not match the signature you provided.");
  auto const read = json::parse(unbase64(policy), nullptr, false);
  if (read.at("expiration").get<std::string>() <= rfc3339(now))
    return xml_refusal(403, "AccessDenied", "Invalid according to Policy: Policy expired.");
  auto const folder = read["conditions"][1][2].get<std::string>();
  std::string const key{value_of(fields, "key")};
  if (!key.starts_with(folder + "/") || key.size() == folder.size() + 1)
    return xml_refusal(403, "AccessDenied",
                       "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\"].");
  if (value_of(fields, "x-oss-object-acl") != "private" ||
      value_of(fields, "x-oss-forbid-overwrite") != "true")
    return xml_refusal(403, "AccessDenied",
                       "Invalid according to Policy: Policy Condition failed: acl or forbid-overwrite.");
  if (fields.back().value.size() > read["conditions"][0][2].get<std::size_t>())
    return xml_refusal(400, "EntityTooLarge",
                       "Your proposed upload exceeds the maximum allowed object size.");
  return keep(key, models_[folder], fields.back().value, value_of(fields, "success_action_status") == "200",
              now);
}

Answer Uploads::keep(std::string const& key, std::string const& model, std::string_view bytes, bool plain,
                     Instant now) {
  auto const [at, fresh] = files_.try_emplace(key);
  if (!fresh)
    return xml_refusal(409, "FileAlreadyExists",
                       "The object you specified already exists and can not be overwritten.");
  at->second = {model, sha256_hex(bytes), bytes.size(), picture_measure(bytes), now};
  Answer answer;
  answer.status = plain ? 200 : 204;
  answer.gzip_asked = false;
  return answer;
}

Stored const* Uploads::find(std::string_view key, Instant now) const {
  auto const found = files_.find(std::string{key});
  if (found == files_.end() || now - found->second.came >= options_.scaled(options_.upload_life))
    return nullptr;
  return &found->second;
}

}  // namespace wanspool::emulator
