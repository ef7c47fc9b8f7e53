import Federation
import FederationIdentity

/// Where a listener is: a DNS name or an address, and a port.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A DNS name, an IPv4 address, or an IPv6 address without brackets.
    public var host: String
    /// 0…65535; 0 lets the system choose when listening.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Parses `host:port` or `[address]:port`.
    /// - Throws: `FederationError` (`invalidArgument`).
    public init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw FederationError(.invalidArgument, "“\(text)” is not an address: write host:port, or [address]:port for IPv6")
        }
        var host = String(text[..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        // An IPv6 address without brackets could swallow the port.
        guard !host.isEmpty, isBracketed == (IPAddress(host)?.isVersion6 ?? false), isBracketed || !host.contains(":") else {
            throw FederationError(.invalidArgument, "“\(text)” is not an address: write host:port, or [address]:port for IPv6")
        }
        self.init(host: host, port: Int(port))
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
