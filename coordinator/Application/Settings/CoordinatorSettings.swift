import CommandSupport
import Logging
import StrictYAML

/// How a coordinator runs. Precedence of each value: flag, environment, `coordinator.yaml`, default.
struct CoordinatorSettings: Sendable, Hashable {
    /// Name of the federation, part of every identity.
    var name: String
    /// Address to listen on.
    var host: String = "0.0.0.0"
    /// Port for nodes with a certificate; 0 lets the system choose.
    var federationPort: Int = 7443
    /// Port for enrolment; 0 lets the system choose.
    var enrolmentPort: Int = 7444
    var logLevel: Logger.Level = .info

    /// What a command line may override.
    struct Flags: Sendable {
        var host: String?
        var federationPort: Int?
        var enrolmentPort: Int?
        var logLevel: String?
    }

    static let environmentPrefix = "TRIBUTARY_COORDINATOR"

    init(yaml: String, fileName: String, flags: Flags, environment: [String: String]) throws {
        var file = try StrictMapping(yaml: yaml, fileName: fileName)
        name = try file.string("name")
        let variables = try SettingsEnvironment(prefix: Self.environmentPrefix, known: ["HOST", "FEDERATION_PORT", "ENROLMENT_PORT", "LOG_LEVEL"], environment)
        let fileHost = try file.optionalString("host")
        host = try flags.host ?? variables.text("HOST") ?? fileHost ?? host
        let filePort = try file.optionalInteger("federation-port", in: 0...65_535)
        federationPort = try flags.federationPort ?? variables.integer("FEDERATION_PORT", in: 0...65_535) ?? filePort ?? federationPort
        let fileEnrolment = try file.optionalInteger("enrolment-port", in: 0...65_535)
        enrolmentPort = try flags.enrolmentPort ?? variables.integer("ENROLMENT_PORT", in: 0...65_535) ?? fileEnrolment ?? enrolmentPort
        let fileLevel = try file.optionalString("log-level")
        if let text = try flags.logLevel ?? variables.text("LOG_LEVEL") ?? fileLevel {
            guard let level = Logger.Level(rawValue: text) else {
                throw CommandFailure(.configuration, "log level `\(text)` is unknown: choose one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            logLevel = level
        }
        try file.finish()
    }

    /// The commented file that `coordinator init` writes: every key with its default.
    static func defaultFile(name: String) -> String {
        """
        # How this coordinator runs. Precedence: flag, environment (\(environmentPrefix)_…), this file, default. Unknown keys are errors.

        # Name of the federation, part of every identity; text, 1…63 of a-z 0-9 -. Do not change it after nodes enrolled.
        name: \(name)

        # Address to listen on. Flag --host, environment \(environmentPrefix)_HOST.
        host: 0.0.0.0

        # Port for nodes that have a certificate (mutual TLS 1.3); 0…65535, 0 lets the system choose. Flag --federation-port, environment \(environmentPrefix)_FEDERATION_PORT.
        federation-port: 7443

        # Port for enrolment with a one-time token (server-authenticated TLS 1.3). Flag --enrolment-port, environment \(environmentPrefix)_ENROLMENT_PORT.
        enrolment-port: 7444

        # trace, debug, info, notice, warning, error or critical. Flag --log-level, environment \(environmentPrefix)_LOG_LEVEL.
        log-level: info

        """
    }
}
