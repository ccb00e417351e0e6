#include <doctest/doctest.h>

#include "base/files.h"
#include "net/house.h"
#include "net/tls_server.h"
#include "support/place.h"

// Whose certificates are believed. Each test makes its own, on loopback.
TEST_SUITE_BEGIN("net");

using namespace wanspool;
using namespace wanspool::test;

namespace {

constexpr char kHere[] = "IP:127.0.0.1,DNS:localhost";

// Nothing of the environment tells whom to trust, but what a test says.
struct Bare {
  Environment nobody{{{"CURL_CA_BUNDLE", ""}, {"SSL_CERT_FILE", ""}, {"SSL_CERT_DIR", ""}}};
};

bool is_refused(TlsServer const& server, std::string const& url) {
  auto const reply = NetHouse{}.ask(post(url, "{}", Repeat::Never));
  CHECK(server.asked() == 0);
  CHECK_FALSE(reply.left);  // a create that is refused so is no doubt
  return reply.status == 0 && reply.failure.find("SSL_CERT_FILE") != std::string::npos;
}

}  // namespace

TEST_CASE("a server whose certificate nobody signed is not spoken to, and it says what helps") {
  Bare const bare;
  Certificate const own{kHere};
  TlsServer server{own};
  auto const reply = NetHouse{}.ask(get(server.url("/?Signature=s3cret")));
  CHECK(reply.status == 0);
  CHECK_FALSE(reply.left);
  CHECK(reply.failure.find("SSL_CERT_FILE") != std::string::npos);
  CHECK(reply.failure.find("s3cret") == std::string::npos);
  CHECK(is_refused(server, server.url("/", "localhost")));
  CHECK(server.connections() == 2);
}

TEST_CASE("a bundle named in CURL_CA_BUNDLE or SSL_CERT_FILE, or a folder in SSL_CERT_DIR, is believed") {
  Bare const bare;
  Place place;
  Certificate const own{kHere};
  TlsServer server{own};
  write_file_safely(place / "bundle.pem", own.pem());
  write_file_safely(place / own.hashed_name(), own.pem());
  std::pair<char const*, std::string> const ways[] = {{"CURL_CA_BUNDLE", (place / "bundle.pem").string()},
                                                      {"SSL_CERT_FILE", (place / "bundle.pem").string()},
                                                      {"SSL_CERT_DIR", (place / "").string()}};
  int asked = 0;
  for (auto const& [name, value] : ways) {
    INFO(name);
    Environment const way{{{name, value}}};
    for (auto const* const host : {"127.0.0.1", "localhost"})
      CHECK(NetHouse{}.ask(get(server.url("/", host))).complete());
    CHECK(server.asked() == (asked += 2));
  }
}

TEST_CASE("a certificate of another name, or one that has expired, is refused though its maker is trusted") {
  Bare const bare;
  Place place;
  Certificate const other{"DNS:dashscope.aliyuncs.com"}, old{kHere, std::chrono::hours{23}};
  for (auto const* const each : {&other, &old}) {
    TlsServer server{*each};
    write_file_safely(place / "bundle.pem", each->pem());
    Environment const trusted{{{"CURL_CA_BUNDLE", (place / "bundle.pem").string()}}};
    auto const reply = NetHouse{}.ask(get(server.url("/")));
    CHECK(reply.status == 0);
    CHECK_FALSE(reply.left);
    CHECK(server.connections() == 1);
    CHECK(server.asked() == 0);
  }
}

TEST_CASE("no variable that turns checks off elsewhere, and no file of curl's, does so here") {
  Bare const bare;
  Place home;
  write_file_safely(home / ".curlrc", "insecure\n");
  write_file_safely(home / ".netrc", "machine 127.0.0.1 login a password b\n");
  Certificate const own{kHere};
  TlsServer server{own};
  std::pair<char const*, std::string> const variables[] = {{"CURL_INSECURE", "1"},
                                                           {"CURLOPT_SSL_VERIFYPEER", "0"},
                                                           {"CURL_HOME", home.path().string()},
                                                           {"HOME", home.path().string()},
                                                           {"XDG_CONFIG_HOME", home.path().string()},
                                                           {"GIT_SSL_NO_VERIFY", "1"},
                                                           {"PYTHONHTTPSVERIFY", "0"},
                                                           {"NODE_TLS_REJECT_UNAUTHORIZED", "0"},
                                                           {"SSL_NO_VERIFY", "1"},
                                                           {"SSL_CERT_FILE", (home / "none.pem").string()},
                                                           {"CURL_CA_BUNDLE", "/dev/null"}};
  for (auto const& [name, value] : variables) {
    INFO(name);
    Environment const set{{{name, value}}};
    CHECK(is_refused(server, server.url("/")));
  }
}

TEST_CASE("an address from outside is held to the same certificates") {
  Bare const bare;
  Certificate const own{kHere};
  TlsServer server{own};
  auto settings = NetHouse::plain();
  settings.foreign_may_be_private = true;
  auto request = get(server.url("/picture"));
  request.origin = Origin::Foreign;
  CHECK(NetHouse{settings}.ask(std::move(request)).status == 0);
  CHECK(server.connections() == 1);
  CHECK(server.asked() == 0);
}
