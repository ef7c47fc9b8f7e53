internal import CommandSupport
internal import DifferentialPrivacy
internal import EdgeRuntime
internal import EdgeService
internal import FederationGRPC
internal import Foundation
internal import Logging
internal import RecommenderModels
internal import StrictYAML

/// A node's settings, resolved: flag, then environment, then `edge-node.yaml`, then default.
struct NodeSettings: Sendable {
    /// The coordinator's federation listener; `nil` before joining.
    var coordinator: Endpoint?
    /// Where applications beside the data are answered; `nil` is nowhere.
    var listen: ListenAddress?
    /// Threads of local training.
    var workers: Int
    var logLevel: Logger.Level
    /// How the best items are found.
    var index: IndexChoice
    var budget: BudgetPolicy

    static let defaultListen = "127.0.0.1:7480"

    /// - Parameter layers: the highest precedence first.
    /// - Throws: ``CommandFailure`` when a value is out of its range.
    init(_ layers: [SettingsLayer]) throws {
        func first<Value>(_ key: KeyPath<SettingsLayer, Value?>) -> Value? { layers.lazy.compactMap { $0[keyPath: key] }.first }
        coordinator = try first(\.coordinator).map { try Endpoint($0) }
        let listen = first(\.listen) ?? Self.defaultListen
        if listen == "off" { self.listen = nil } else {
            guard let address = ListenAddress(listen) else {
                throw CommandFailure(.configuration, "listen must be an address and port such as 127.0.0.1:7480, or off, not `\(listen)`.")
            }
            guard address.isLoopback || first(\.allowRemote) == true else {
                throw CommandFailure(
                    .configuration,
                    "listen is \(address), which other machines can reach, and the service knows no callers apart; use 127.0.0.1, or set allow-remote when something in front of it checks who calls.")
            }
            self.listen = address
        }
        workers = first(\.workers) ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard (1...1024).contains(workers) else { throw CommandFailure(.configuration, "workers must be in 1…1024, not \(workers).") }
        let level = first(\.logLevel) ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw CommandFailure(.configuration, "log-level must be one of trace, debug, info, notice, warning, error, critical, not `\(level)`.")
        }
        self.logLevel = logLevel
        switch first(\.index) ?? "exact" {
        case "exact": index = .exact
        case "hnsw": index = .hnsw(HNSWConfiguration())
        case let other: throw CommandFailure(.configuration, "index must be exact or hnsw, not `\(other)`.")
        }
        var budget = BudgetPolicy()
        budget.epsilon = first(\.epsilon) ?? budget.epsilon
        budget.delta = first(\.delta) ?? budget.delta
        budget.minimumUsers = first(\.minimumUsers) ?? budget.minimumUsers
        if let names = first(\.allowedModes) {
            budget.allowedModes = try Set(
                names.map { name in
                    guard let mode = PrivacyModeName(rawValue: name) else {
                        throw CommandFailure(.configuration, "budget.allowed-modes lists local, distributed, central and off, not `\(name)`.")
                    }
                    return mode
                })
        }
        budget.minimumCohort = first(\.minimumCohort) ?? budget.minimumCohort
        if let names = first(\.allowedMechanisms) {
            budget.allowedMechanisms = try Set(
                names.map { name in
                    guard let mechanism = PrivacyMechanismName(rawValue: name) else {
                        let known = PrivacyMechanismName.allCases.map(\.rawValue).joined(separator: ", ")
                        throw CommandFailure(.configuration, "budget.allowed-mechanisms lists \(known), not `\(name)`.")
                    }
                    return mechanism
                })
        }
        switch (first(\.periodDays), first(\.periodEpsilon)) {
        case (nil, nil): break
        case (let days?, let epsilon?): budget.period = PeriodCap(epsilon: epsilon, milliseconds: Int64((min(days, 36_500) * 86_400_000).rounded()))
        default: throw CommandFailure(.configuration, "budget.period needs both days and epsilon: so much ε within so many days.")
        }
        guard budget.minimumCohort >= 1 else { throw CommandFailure(.configuration, "budget.minimum-cohort must be at least 1, not \(budget.minimumCohort).") }
        do { _ = try budget.budget() } catch { throw CommandFailure(.configuration, "\(error).") }
        guard budget.epsilon > 0, budget.epsilon.isFinite else { throw CommandFailure(.configuration, "budget.epsilon must be a positive number, not \(budget.epsilon).") }
        guard budget.delta > 0, budget.delta < 1 else { throw CommandFailure(.configuration, "budget.delta must lie between 0 and 1, not \(budget.delta).") }
        guard budget.minimumUsers >= 1 else { throw CommandFailure(.configuration, "budget.minimum-users must be at least 1, not \(budget.minimumUsers).") }
        self.budget = budget
    }
}

/// What one source of settings says; what it does not say is left to the next.
struct SettingsLayer: Sendable, Hashable {
    var coordinator: String?
    var listen: String?
    var allowRemote: Bool?
    var workers: Int?
    var logLevel: String?
    var index: String?
    var epsilon: Double?
    var delta: Double?
    var minimumUsers: Int?
    var allowedModes: [String]?
    var minimumCohort: Int?
    var allowedMechanisms: [String]?
    var periodDays: Double?
    var periodEpsilon: Double?
}

extension SettingsLayer {
    /// Reads `edge-node.yaml`; a file that does not exist says nothing.
    init(file path: String) throws {
        self.init()
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.noInput, "Cannot read \(path); check its permissions and that it is UTF-8 text.")
        }
        var file = try StrictMapping(yaml: text, fileName: path)
        coordinator = try file.optionalString("coordinator")
        listen = try file.optionalString("listen")
        allowRemote = try file.optionalFlag("allow-remote")
        workers = try file.optionalInteger("workers", in: 1...1024)
        logLevel = try file.optionalString("log-level")
        index = try file.optionalString("index")
        let budget = try file.optionalMapping("budget") { keys throws(YAMLFileError) in
            var layer = SettingsLayer()
            layer.epsilon = try keys.optionalNumber("epsilon", "a number above 0", where: { $0 > 0 })
            layer.delta = try keys.optionalNumber("delta", "a number between 0 and 1", where: { $0 > 0 && $0 < 1 })
            layer.minimumUsers = try keys.optionalInteger("minimum-users", in: 1 ... .max)
            layer.allowedModes = try keys.optionalStrings("allowed-modes")
            layer.minimumCohort = try keys.optionalInteger("minimum-cohort", in: 1 ... .max)
            layer.allowedMechanisms = try keys.optionalStrings("allowed-mechanisms")
            let period = try keys.optionalMapping("period") { keys throws(YAMLFileError) in
                (
                    try keys.optionalNumber("days", "a number above 0", where: { $0 > 0 }),
                    try keys.optionalNumber("epsilon", "a number above 0", where: { $0 > 0 })
                )
            }
            layer.periodDays = period?.0
            layer.periodEpsilon = period?.1
            return layer
        }
        try file.finish()
        if let budget {
            epsilon = budget.epsilon
            delta = budget.delta
            minimumUsers = budget.minimumUsers
            allowedModes = budget.allowedModes
            minimumCohort = budget.minimumCohort
            allowedMechanisms = budget.allowedMechanisms
            periodDays = budget.periodDays
            periodEpsilon = budget.periodEpsilon
        }
    }

    static let environmentPrefix = "TRIBUTARY_EDGE_NODE_"

    /// Reads the process's variables. `…_DIRECTORY` and `…_TOKEN` belong to the commands; any other unknown one is an error.
    init(environment: [String: String]) throws {
        self.init()
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(Self.environmentPrefix) {
            func number<Number>(_ parse: (String) -> Number?) throws -> Number {
                guard let number = parse(value) else { throw CommandFailure(.configuration, "\(variable) must be a number, not `\(value)`.") }
                return number
            }
            switch variable.dropFirst(Self.environmentPrefix.count) {
            case "DIRECTORY", "TOKEN": break
            case "COORDINATOR": coordinator = value
            case "LISTEN": listen = value
            case "ALLOW_REMOTE":
                guard let flag = ["true": true, "false": false][value] else { throw CommandFailure(.configuration, "\(variable) must be true or false, not `\(value)`.") }
                allowRemote = flag
            case "WORKERS": workers = try number { Int($0) }
            case "LOG_LEVEL": logLevel = value
            case "INDEX": index = value
            case "BUDGET_EPSILON": epsilon = try number { Double($0) }
            case "BUDGET_DELTA": delta = try number { Double($0) }
            case "BUDGET_MINIMUM_USERS": minimumUsers = try number { Int($0) }
            case "BUDGET_ALLOWED_MODES": allowedModes = value.split(separator: ",").map(String.init)
            case "BUDGET_MINIMUM_COHORT": minimumCohort = try number { Int($0) }
            case "BUDGET_ALLOWED_MECHANISMS": allowedMechanisms = value.split(separator: ",").map(String.init)
            case "BUDGET_PERIOD_DAYS": periodDays = try number { Double($0) }
            case "BUDGET_PERIOD_EPSILON": periodEpsilon = try number { Double($0) }
            default:
                throw CommandFailure(.configuration, "Unknown environment variable \(variable); the documented ones are in docs/guides/run-a-node.md.")
            }
        }
    }
}
