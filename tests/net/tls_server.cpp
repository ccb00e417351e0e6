#include "net/tls_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <csignal>
#include <stdexcept>

namespace wanspool::test {
namespace {

void add_extension(X509* certificate, int kind, std::string const& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) throw std::runtime_error{"openssl refuses the extension " + value};
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

constexpr char kAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

}  // namespace

Certificate::Certificate(std::string const& names, std::chrono::hours life)
    : key{EVP_EC_gen("P-256")}, x509{X509_new()} {
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  constexpr long kDay = 24 * 3600;
  X509_gmtime_adj(X509_getm_notBefore(x509), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), -kDay + static_cast<long>(std::chrono::seconds{life}.count()));
  X509_set_pubkey(x509, key);
  auto* const subject = X509_get_subject_name(x509);
  static constexpr unsigned char kName[] = "wanspool test";
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, kName, -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  add_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x509, NID_subject_alt_name, names);
  if (X509_sign(x509, key, EVP_sha256()) == 0) throw std::runtime_error{"openssl cannot sign"};
}

Certificate::~Certificate() {
  X509_free(x509);
  EVP_PKEY_free(key);
}

std::string Certificate::pem() const {
  auto* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, x509);
  char* text = nullptr;
  auto const size = BIO_get_mem_data(memory, &text);
  std::string pem{text, static_cast<std::size_t>(size)};
  BIO_free(memory);
  return pem;
}

std::string Certificate::hashed_name() const {
  return fmt::format("{:08x}.0", X509_NAME_hash_ex(X509_get_subject_name(x509), nullptr, nullptr, nullptr));
}

TlsServer::TlsServer(Certificate const& certificate)
    : context_{SSL_CTX_new(TLS_server_method())},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)},
      stop_{::eventfd(0, EFD_CLOEXEC)} {
  if (SSL_CTX_use_certificate(context_, certificate.x509) != 1 ||
      SSL_CTX_use_PrivateKey(context_, certificate.key) != 1)
    throw std::runtime_error{"openssl refuses the certificate"};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener_.get(), plain, length) != 0 || ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), plain, &length) != 0)
    throw std::runtime_error{"cannot listen on loopback"};
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

TlsServer::~TlsServer() {
  std::uint64_t const one = 1;
  if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
  SSL_CTX_free(context_);
}

std::string TlsServer::url(std::string const& path, std::string const& host) const {
  return fmt::format("https://{}:{}{}", host, port_, path);
}

void TlsServer::run() {
  // OpenSSL writes to whoever has left.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  for (;;) {
    pollfd asked[] = {{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    ::poll(asked, 2, -1);
    if (asked[0].revents) return;
    Fd const fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!fd) continue;
    // Whoever says nothing must not keep the test from its end.
    timeval const patience{5, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ++connections_;
    serve(fd.get());
  }
}

void TlsServer::serve(int fd) {
  auto* const ssl = SSL_new(context_);
  SSL_set_fd(ssl, fd);
  std::string head;
  if (SSL_accept(ssl) == 1)
    for (char piece[4096]; head.find("\r\n\r\n") == head.npos;) {
      auto const got = SSL_read(ssl, piece, sizeof piece);
      if (got <= 0) break;
      head.append(piece, static_cast<std::size_t>(got));
    }
  if (head.find("\r\n\r\n") != head.npos) {
    ++asked_;
    SSL_write(ssl, kAnswer, sizeof kAnswer - 1);
    SSL_shutdown(ssl);
  }
  SSL_free(ssl);
}

}  // namespace wanspool::test
