import Genera

/// A text that was drawn token by token, with the round in which each token was revealed.
public struct Passage: Drawable, Equatable, Sendable {
    /// One token.
    public struct Token: Equatable, Sendable {
        /// Its number; nil where it is not known, as in texts from files.
        public let number: Int32?
        /// The text that it brings; the texts of all tokens, joined, are the text.
        public let text: String
        /// The round in which it was revealed, counted from 1; 0 for what was given, -1 for a mask.
        public let reveal: Int

        /// Puts a token together.
        public init(number: Int32?, text: String, reveal: Int) {
            (self.number, self.text, self.reveal) = (number, text, reveal)
        }
    }

    /// The tokens in their order.
    public let tokens: [Token]
    /// Rounds that drew the text.
    public let rounds: Int

    /// The text.
    public var text: String { tokens.count == 1 ? tokens[0].text : tokens.map(\.text).joined() }

    /// Puts a text together.
    public init(tokens: [Token], rounds: Int) { (self.tokens, self.rounds) = (tokens, rounds) }

    /// A text from elsewhere.
    public init(_ text: String) {
        self.init(tokens: text.isEmpty ? [] : [Token(number: nil, text: text, reveal: 0)], rounds: 0)
    }

    /// What stands for a mask.
    static let standIn = "\u{00B7}"

    /// What a draft says. Without a tokenizer, numbers between spaces.
    init(_ draft: Draft, tokenizer: (any Tokenizer)?) throws {
        let pieces =
            tokenizer.map { TokenPieces.of(draft.tokens, $0, standIn: Self.standIn) }
            ?? draft.tokens.enumerated().map { ($0 == 0 ? "" : " ") + ($1 == draft.mask ? Self.standIn : "\($1)") }
        let end = tokenizer?.end
        self.init(
            tokens: zip(draft.tokens, pieces).enumerated().map { place, pair in
                // The end of a text is a token without letters.
                Token(
                    number: pair.0, text: pair.0 == end ? Self.endMark : pair.1, reveal: Int(draft.reveals[place]))
            }, rounds: draft.rounds)
    }

    /// How the end of a text is shown.
    static let endMark = "\u{23CE}\n"

    /// A thousand.
    public static var pictureLimit: Int { 1000 }

    /// The text as a page, each token in the colour of the round that revealed it.
    public func drawn() throws -> Image { try page.drawn() }

    /// The pages of several texts.
    public static func picture(of samples: [Passage]) throws -> Image {
        try TextPage.picture(of: samples.map(\.page))
    }

    /// The text as a page: black what was given, then from blue (first) over green to red (last); grey what is masked.
    public var page: TextPage {
        let last = Double(max(tokens.map(\.reveal).max() ?? 1, rounds, 1))
        return TextPage(
            runs: tokens.map { token in
                let color: Color? =
                    switch token.reveal {
                    case ..<0: Color(grey: 0.72)
                    case 0: nil
                    default: Self.inks.color(at: last > 1 ? Double(token.reveal - 1) / (last - 1) : 0)
                    }
                return TextPage.Run(token.text, color: color)
            })
    }

    /// Colours that are read on white.
    private static let inks = Colormap(stops: [
        Color(hex: 0x2D2A8C), Color(hex: 0x1F6FB2), Color(hex: 0x12877A), Color(hex: 0x5E8C1F), Color(hex: 0xB8860B),
        Color(hex: 0xC4521B), Color(hex: 0xA3123A),
    ])
}
