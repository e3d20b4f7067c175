import Genera

/// A text on its way.
package struct Draft: Sendable {
    /// Tokens; what is not revealed is the mask.
    package var tokens: [Int32]
    /// The mask's token.
    package let mask: Int32
    /// Whether a place was given, not drawn.
    package let isGiven: [Bool]
    /// In which round each place was revealed, counted from 1; 0 for what was given, -1 for what is masked.
    package var reveals: [Int32]
    /// Rounds that were done.
    package var rounds = 0
    /// Looks of the network at the text.
    package var evaluations = 0
    /// Places that those looks saw, one look after the other, and how many of them were worked out anew: fewer only with caches.
    package var places = (seen: 0, worked: 0)
    /// Random numbers of this text.
    let draws: any TextDraws
    /// Which parts of the text are drawn one after the other.
    let stages: [Stage]
    /// When the places of each part are revealed, where that is on a grid.
    let schedules: [RevealSchedule?]
    /// The part that is being drawn.
    var stage = 0
    /// How that part is drawn; nil before its first round.
    var plan: (any StagePlan)?
    /// Keys and values that are kept within a stage.
    var cache: KeyValueCache?

    package init(
        _ prompt: Prompt, mask: Int32, stages: [Stage], schedules: [RevealSchedule?], draws: any TextDraws
    ) {
        tokens = prompt.tokens.map { $0 ?? mask }
        isGiven = prompt.tokens.map { $0 != nil }
        reveals = isGiven.map { $0 ? 0 : -1 }
        (self.mask, self.stages, self.schedules, self.draws) = (mask, stages, schedules, draws)
    }

    /// Whether there is nothing left to draw.
    package var isFinished: Bool { stage >= stages.count }

    /// Writes a token, or the mask.
    mutating func write(_ token: Int32, at place: Int) {
        tokens[place] = token
        reveals[place] = token == mask ? -1 : Int32(rounds + 1)
    }
}

/// A part of a text that is drawn before the next: some places, and what of the text the network sees meanwhile.
package struct Stage: Sendable, Equatable {
    /// What the network sees.
    package let frame: Range<Int>
    /// The places that are drawn, ascending.
    package let places: [Int]

    /// Cuts the unknown places of a text into stages: windows of at most `window` tokens that move by `stride`, and in each the
    /// blocks of `block` tokens from left to right (section 5.5).
    package static func stages(of prompt: Prompt, window: Int, stride: Int?, block: Int?) -> [Stage] {
        let count = prompt.tokens.count
        let step = max(min(stride ?? max(window / 2, 1), window), 1)
        var stages: [Stage] = []
        var (start, done) = (0, 0)
        while done < count {
            let frame = start..<min(start + window, count)
            // Blocks are counted from the first place that is to be drawn.
            let first = (done..<frame.upperBound).first { prompt.tokens[$0] == nil } ?? frame.upperBound
            let fresh = first..<frame.upperBound
            let size = max(block ?? fresh.count, 1)
            for first in Swift.stride(from: fresh.lowerBound, to: fresh.upperBound, by: size) {
                let places = (first..<min(first + size, fresh.upperBound)).filter { prompt.tokens[$0] == nil }
                if !places.isEmpty { stages.append(Stage(frame: frame, places: places)) }
            }
            done = frame.upperBound
            start = min(start + step, max(count - window, 0))
            // Behind the last window there is nothing left, and a window that stands still shows nothing new.
            if start == frame.lowerBound { break }
        }
        return stages
    }
}

/// What is known of a text before it is drawn.
package struct Prompt: Sendable, Equatable {
    /// A token for each place, nil where it is to be drawn.
    package var tokens: [Int32?]

    /// Makes a prompt.
    package init(_ tokens: [Int32?]) { self.tokens = tokens }

    /// Nothing but a length.
    package init(length: Int) { tokens = Array(repeating: nil, count: length) }

    /// How many places are to be drawn.
    package var unknown: Int { tokens.reduce(0) { $0 + ($1 == nil ? 1 : 0) } }
}
