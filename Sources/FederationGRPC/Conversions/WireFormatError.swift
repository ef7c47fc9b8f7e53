import Federation
import Foundation
import SwiftProtobuf

/// A message that parses as protobuf but breaks a rule of the protocol.
package struct WireFormatError: Error, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

/// Checks shared by the conversions; the name of the field goes into the message.
enum WireField {
    static func digest(_ data: Data, _ field: String) throws -> Digest {
        guard let digest = Digest(bytes: data) else { throw WireFormatError("\(field) has \(data.count) bytes; a digest has 32") }
        return digest
    }

    static func byteCount(_ value: UInt64, _ field: String) throws -> Int {
        guard value < UInt64(WireLimits.byteCountBound) else { throw WireFormatError("\(field) is \(value); it must be below 2^40") }
        return Int(value)
    }

    static func count(_ value: UInt64, _ field: String) throws -> Int {
        guard value < UInt64(WireLimits.countBound) else { throw WireFormatError("\(field) is \(value); it must be below 2^53") }
        return Int(value)
    }

    static func round(_ value: UInt64, _ field: String) throws -> RoundNumber {
        let number = try count(value, field)
        guard number >= 1 else { throw WireFormatError("\(field) is 0; rounds are counted from 1") }
        return RoundNumber(number)
    }

    static func finite(_ value: Double, _ field: String) throws -> Double {
        guard value.isFinite else { throw WireFormatError("\(field) is not finite") }
        return value
    }

    static func duration(milliseconds value: UInt64, atMost limit: Duration, _ field: String) throws -> Duration {
        guard value <= UInt64(limit.milliseconds) else { throw WireFormatError("\(field) is \(value) ms; at most \(limit.milliseconds) ms are allowed") }
        return .milliseconds(Int64(value))
    }

    /// Whole milliseconds within 0…limit.
    static func milliseconds(_ duration: Duration, atMost limit: Duration) -> UInt64 {
        UInt64(min(max(duration, .zero), limit).milliseconds)
    }

    static func chunk(_ data: Data, _ field: String) throws -> [UInt8] {
        guard (1...WireLimits.chunkByteCount).contains(data.count) else {
            throw WireFormatError("\(field) has \(data.count) bytes; a chunk has 1 to \(WireLimits.chunkByteCount)")
        }
        return Array(data)
    }
}
