import CommandSupport
import FederationIdentity
import Foundation

extension CoordinatorDirectory {
    var identityDirectory: IdentityDirectory { IdentityDirectory(path: identity) }

    /// Makes the certificate authority and the server's certificate.
    /// - Returns: the root certificate's fingerprint in hexadecimal digits.
    func createIdentity(federation: String, hostNames: [String]) throws -> String {
        let authority = try CertificateAuthority.create(federation: federation)
        try identityDirectory.write(authority)
        try identityDirectory.write(try ServerCredentials(authority: authority, hosts: hostNames))
        return try authority.fingerprint().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The server's credentials, renewed when two thirds of their life have passed.
    func serverCredentials(_ authority: CertificateAuthority, now: Date = Date()) throws -> ServerCredentials {
        let current = try identityDirectory.server()
        guard now > current.renewalTime else { return current }
        let renewed = try ServerCredentials(authority: authority, hosts: current.hosts)
        try identityDirectory.write(renewed)
        return renewed
    }
}
