/// The environment variables of one program: those with its prefix, of which an unknown one is an error.
public struct SettingsEnvironment: Sendable {
    private let prefix: String
    private let values: [String: String]

    /// - Parameters:
    ///   - prefix: for instance `TRIBUTARY_COORDINATOR`; a variable is the prefix, `_`, and one of `known`.
    ///   - environment: the process's environment.
    /// - Throws: ``CommandFailure`` for a variable with the prefix that is not known.
    public init(prefix: String, known: Set<String>, _ environment: [String: String]) throws {
        self.prefix = prefix
        var values: [String: String] = [:]
        for (name, value) in environment where name.hasPrefix(prefix + "_") {
            let key = String(name.dropFirst(prefix.count + 1))
            guard known.contains(key) else {
                let list = known.sorted().map { "\(prefix)_\($0)" }.joined(separator: ", ")
                throw CommandFailure(.configuration, "unknown environment variable \(name); known: \(list)")
            }
            values[key] = value
        }
        self.values = values
    }

    public func text(_ key: String) throws -> String? { values[key] }

    public func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = values[key] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw CommandFailure(.configuration, "\(prefix)_\(key) must be a whole number in \(range.lowerBound)…\(range.upperBound), not `\(text)`")
        }
        return value
    }
}
