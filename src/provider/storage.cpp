#include "provider/storage.h"

#include "provider/addresses.h"
#include "provider/words.h"

namespace wanspool::provider {

std::vector<std::string> storage_hosts() {
  return {"dashscope-*.oss-*.aliyuncs.com"};
}

std::string xml_text(std::string_view body, std::string const& tag) {
  auto const opening = "<" + tag + ">";
  auto const begin = body.find(opening);
  if (begin == body.npos) return {};
  auto const from = begin + opening.size();
  auto const end = body.find("</" + tag + ">", from);
  return end == body.npos ? std::string{} : plain(body.substr(from, end - from));
}

std::string storage_words(Reply const& reply) {
  auto words = "the storage answered HTTP " + std::to_string(reply.status);
  auto const code = xml_text(reply.body, "Code"), message = xml_text(reply.body, "Message");
  if (!code.empty()) return words + ", " + code + ": " + message;
  if (reply.status < 300 || reply.body.empty()) return words;
  return words + ": " + beginning(reply.body);
}

}  // namespace wanspool::provider
