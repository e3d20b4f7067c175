extension Color {
    /// How bright it looks, in 0...1: the luma of ITU-R BT.601.
    var luminance: Double { 0.299 * red + 0.587 * green + 0.114 * blue }

    /// The usual colour of a chemical element by its symbol, after Corey, Pauling and Koltun; nil for other words.
    static func element(_ symbol: String) -> Color? { elements[symbol].map { Color(hex: $0) } }

    private static let elements: [String: UInt32] = [
        "H": 0xF2F2F2, "B": 0xFFB5B5, "C": 0x4A4A4A, "N": 0x3050F8, "O": 0xE8201A, "F": 0x7ACB3A, "Na": 0xAB5CF2,
        "Si": 0xE0B888, "P": 0xFF8000, "S": 0xF2CC22, "Cl": 0x1FC01F, "Se": 0xFFA100, "Br": 0xA62929, "I": 0x940094,
    ]
}
