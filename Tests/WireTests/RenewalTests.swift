import Crypto
import FederationGRPC
import FederationIdentity
import Foundation
import TestSupport
import Testing

@Suite("Renewal of certificates")
struct RenewalTests {
    @Test("after two thirds of its life a certificate is replaced, stored, and used", arguments: [(-3000.0, true), (-1000.0, false)])
    func renewal(start: TimeInterval, isDue: Bool) async throws {
        let federation = try TestFederation()
        let old = try await federation.credentials("berlin", now: Date(timeIntervalSinceNow: start), lifetime: 3600)
        try await withTemporaryDirectory { folder in
            let directory = IdentityDirectory(path: folder.plainPath)
            try directory.write(old)
            try await federation.serving { ports in
                try await federation.client(ports.federation, old) { client in
                    let renewal = CertificateRenewal(client: client, directory: directory, logger: federation.log.logger)
                    let hasRenewed = try await renewal.renewIfDue()
                    #expect(hasRenewed == isDue)
                    let stored = try directory.node()
                    #expect((stored.certificate.serialHex != old.certificate.serialHex) == isDue)
                    #expect((stored.privateKey.rawRepresentation != old.privateKey.rawRepresentation) == isDue)
                    // The old certificate is worth nothing any more; only the new one is let in.
                    await federation.authority.revoke(old.certificate.serialHex)
                    if isDue { try await federation.client(ports.federation, stored) { _ = try await $0.currentPlan() } }
                }
            }
        }
    }
}
