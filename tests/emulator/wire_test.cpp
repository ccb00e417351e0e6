#include "emulator/wire.h"

#include <doctest/doctest.h>

using namespace wanspool;
using namespace wanspool::emulator;

TEST_SUITE_BEGIN("emulator");

namespace {

std::string const kPost =
    "POST /a/b?c=d%2F HTTP/1.1\r\nHost: x\r\nAUTHORIZATION: Bearer  k1 \r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a request is read, however its bytes are cut") {
  for (std::size_t cut = 0; cut <= kPost.size(); ++cut) {
    Reader reader{1000};
    auto buffer = kPost.substr(0, cut);
    if (cut < kPost.size()) {
      REQUIRE(reader.read(buffer) == Reader::State::More);
      buffer += kPost.substr(cut);
    }
    REQUIRE(reader.read(buffer) == Reader::State::Done);
    CHECK(reader.asked().method == "POST");
    CHECK(reader.asked().path == "/a/b");
    CHECK(reader.asked().query == "c=d%2F");
    CHECK(reader.asked().key() == "k1");
    CHECK(reader.asked().body == "hello");
  }
}

TEST_CASE("a second request in the same bytes waits its turn") {
  Reader reader{1000};
  auto buffer = kPost + "GET /next HTTP/1.1\r\n\r\n";
  REQUIRE(reader.read(buffer) == Reader::State::Done);
  CHECK(reader.asked().body == "hello");
  REQUIRE(reader.read(buffer) == Reader::State::Done);
  CHECK(reader.asked().path == "/next");
  CHECK(reader.asked().body.empty());
  CHECK(buffer.empty());
}

TEST_CASE("a body in chunks is put together") {
  Reader reader{1000};
  std::string buffer =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n";
  REQUIRE(reader.read(buffer) == Reader::State::Done);
  CHECK(reader.asked().body == "abcde");
}

TEST_CASE("a body over the limit is refused with 413, before it is read") {
  Reader reader{4};
  auto buffer = kPost.substr(0, kPost.size() - 5);
  CHECK(reader.read(buffer) == Reader::State::Bad);
  CHECK(reader.complaint_status() == 413);
}

TEST_CASE("what is not HTTP is refused with 400") {
  for (std::string buffer : {"hello\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                             "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    Reader reader{1000};
    CHECK(reader.read(buffer) == Reader::State::Bad);
    CHECK(reader.complaint_status() == 400);
  }
}

TEST_CASE("a client that asks before it sends is told to go on, once") {
  Reader reader{1000};
  std::string buffer = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  REQUIRE(reader.read(buffer) == Reader::State::More);
  CHECK(reader.wants_continue());
  CHECK_FALSE(reader.wants_continue());
}

TEST_CASE("an answer says its length or comes in chunks") {
  Answer answer;
  answer.body = "{}";
  auto const sized = encode(answer, Asked{}).text;
  CHECK(sized.ends_with("content-length: 2\r\n\r\n{}"));
  answer.chunked = true;
  CHECK(encode(answer, Asked{}).text.ends_with("transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));
}

TEST_CASE("an old client gets no chunks and no open connection") {
  Answer answer;
  answer.body = "{}";
  answer.chunked = true;
  Asked asked;
  asked.one_dot_one = asked.keep_alive = false;
  auto const bytes = encode(answer, asked);
  CHECK(bytes.close);
  CHECK(bytes.text.find("chunked") == std::string::npos);
}

TEST_CASE("half an answer ends in its body, and the connection with it") {
  Answer answer;
  answer.body = std::string(1000, 'x');
  answer.gzip_asked = false;
  answer.manner.half = true;
  auto const bytes = encode(answer, Asked{});
  CHECK(bytes.close);
  CHECK(bytes.text.ends_with("content-length: 1000\r\n\r\n" + std::string(500, 'x')));
}

TEST_CASE("a wrong length announces more than comes") {
  Answer answer;
  answer.body = "abc";
  answer.manner.wrong_length = true;
  auto const bytes = encode(answer, Asked{});
  CHECK(bytes.close);
  CHECK(bytes.text.find("content-length: 780\r\n") != std::string::npos);
}

TEST_CASE("large answers are packed for those who ask") {
  Answer answer;
  answer.body = std::string(5000, 'x');
  Asked asked;
  CHECK(encode(answer, asked).text.find("gzip") == std::string::npos);
  asked.headers = {{"accept-encoding", "gzip, deflate"}};
  auto const packed = encode(answer, asked).text;
  CHECK(packed.find("content-encoding: gzip") != std::string::npos);
  CHECK(packed.size() < 1000);
}

TEST_CASE("escapes in a query are read") {
  auto const given = parameters("a=1%2B2&b=x+y&c&d=%");
  CHECK(given.at("a") == "1+2");
  CHECK(given.at("b") == "x y");
  CHECK(given.at("c").empty());
  CHECK(given.at("d") == "%");
  CHECK(percent_encoded("a/b+c=") == "a%2Fb%2Bc%3D");
}
