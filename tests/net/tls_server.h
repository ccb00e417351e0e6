#pragma once

#include <openssl/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/fd.h"

// An https server on loopback with a certificate of its own making; answers whatever it is asked with "{}".
namespace wanspool::test {

// Signed by itself, so that whoever trusts it as an authority trusts the server.
class Certificate {
 public:
  // `names` as openssl.cnf has them: "IP:127.0.0.1,DNS:localhost". Valid from yesterday on for so long.
  explicit Certificate(std::string const& names, std::chrono::hours life = std::chrono::hours{48});
  ~Certificate();
  Certificate(Certificate const&) = delete;
  Certificate& operator=(Certificate const&) = delete;

  std::string pem() const;
  // What it is called in a folder of trusted certificates: "9d66eef0.0".
  std::string hashed_name() const;

  EVP_PKEY* key = nullptr;
  X509* x509 = nullptr;
};

class TlsServer {
 public:
  explicit TlsServer(Certificate const& certificate);
  ~TlsServer();
  TlsServer(TlsServer const&) = delete;
  TlsServer& operator=(TlsServer const&) = delete;

  std::string url(std::string const& path, std::string const& host = "127.0.0.1") const;
  int connections() const { return connections_; }
  int asked() const { return asked_; }  // requests that were read

 private:
  void run();
  void serve(int fd);

  SSL_CTX* context_;
  Fd listener_, stop_;
  int port_ = 0;
  std::atomic<int> connections_ = 0, asked_ = 0;
  std::thread thread_;
};

}  // namespace wanspool::test
