#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Now in UTC, as `2026-01-31T12:00:00Z`.
public func timeStamp() -> String { timeStamp(secondsSince1970: time(nil)) }

/// A point in UTC, as `2026-01-31T12:00:00Z`.
public func timeStamp(secondsSince1970 seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}
