/// The kernels' random numbers, written again: functions of a key and a number.
enum HashedDraws {
    static func mixed(_ value: UInt64) -> UInt64 {
        var x = value
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return x ^ (x >> 31)
    }

    static func numbered(_ key: UInt64, _ number: Int) -> UInt64 { mixed(key &+ (UInt64(number) + 1) &* 0x9E37_79B9_7F4A_7C15) }

    static func below(_ bound: Int, _ number: UInt64) -> Int { Int(number.multipliedFullWidth(by: UInt64(bound)).high) }
}
