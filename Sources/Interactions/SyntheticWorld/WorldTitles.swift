/// Names for the items of a synthetic world: a shelf of books that a person can tell apart.
enum WorldTitles {
    static let categories: [(name: String, nouns: [String])] = [
        ("Mystery", ["Alibi", "Detective", "Locked Room", "Witness", "Cipher", "Inspector", "Confession", "Fingerprint"]),
        ("Science Fiction", ["Starship", "Colony", "Android", "Orbit", "Wormhole", "Terraformer", "Signal", "Airlock"]),
        ("Fantasy", ["Dragon", "Sorcerer", "Rune", "Griffin", "Enchanted Wood", "Oracle", "Spellbook", "Crown"]),
        ("Romance", ["Kiss", "Wedding", "Love Letter", "Summer Dance", "Promise", "Sweetheart", "Valentine", "Engagement"]),
        ("History", ["Empire", "Siege", "Treaty", "Dynasty", "Revolution", "Cathedral", "Armada", "Chronicle"]),
        ("Biography", ["Pioneer", "Inventor", "Statesman", "Explorer", "Composer", "Reformer", "Aviator", "Painter"]),
        ("Travel", ["Night Train", "Caravan", "Island", "Mountain Pass", "Harbour", "Pilgrim Road", "Border", "Ferry"]),
        ("Cooking", ["Kitchen", "Bakery", "Spice Market", "Supper", "Orchard Table", "Noodle Shop", "Feast", "Pantry"]),
        ("Gardening", ["Rose Bed", "Greenhouse", "Hedge", "Allotment", "Orchard", "Herb Border", "Pond", "Meadow"]),
        ("Nature", ["Owl", "Glacier", "Tide", "Wolf", "Forest Floor", "Heron", "Reef", "Tundra"]),
        ("Poetry", ["Elegy", "Sonnet", "Nightingale", "Ode", "Lullaby", "Verse", "Ballad", "Haiku"]),
        ("Thriller", ["Hostage", "Double Agent", "Deadline", "Blackout", "Safe House", "Assassin", "Motorcade", "Sniper"]),
        ("Adventure", ["Shipwreck", "Treasure Map", "Expedition", "Jungle", "Lost City", "Compass", "Canyon", "Castaway"]),
        ("Horror", ["Haunting", "Crypt", "Scarecrow", "Attic", "Graveyard", "Possession", "Fog", "Asylum"]),
        ("Comedy", ["Butler", "Mix-up", "Farce", "Neighbour", "Mother-in-law", "Holiday Camp", "Parrot", "Understudy"]),
        ("Science", ["Atom", "Genome", "Telescope", "Fossil", "Prime Number", "Neuron", "Vaccine", "Comet"]),
        ("Philosophy", ["Good Life", "Paradox", "Free Will", "Virtue", "Doubt", "Dialogue", "Cave", "Meaning"]),
        ("Music", ["Symphony", "Jazz Club", "Violin", "Choir", "Record Shop", "Opera House", "Drummer", "Serenade"]),
        ("Art", ["Gallery", "Fresco", "Studio", "Portrait", "Sculptor", "Sketchbook", "Forgery", "Mosaic"]),
        ("Sport", ["Marathon", "Underdog", "Final Whistle", "Boxing Ring", "Regatta", "Summit", "Penalty", "Cup Tie"]),
    ]

    /// A title's first word shows the tone.
    static let tones: [(name: String, words: [String])] = [
        ("Dark", ["Silent", "Broken", "Midnight", "Hollow", "Forsaken", "Shadowed", "Bitter", "Buried"]),
        ("Light", ["Merry", "Improbable", "Cheerful", "Borrowed", "Clumsy", "Sunny", "Unlikely", "Dancing"]),
        ("Epic", ["Great", "Eternal", "Golden", "Thousand-Year", "Mighty", "Last", "First", "Boundless"]),
        ("Quiet", ["Gentle", "Forgotten", "Distant", "Patient", "Winter", "Small", "Sleeping", "Tender"]),
    ]

    /// The title of the n-th item of a category and tone, from 0; titles repeat only in a later volume.
    static func title(category: Int, tone: Int, number: Int) -> String {
        let nouns = categories[category].nouns
        let words = tones[tone].words
        // 8 × 8 pairs, walked so that neighbours differ in both words.
        let pair = number % (nouns.count * words.count)
        let noun = nouns[pair % nouns.count]
        let word = words[(pair / nouns.count + pair) % words.count]
        let volume = number / (nouns.count * words.count)
        return "The \(word) \(noun)" + (volume > 0 ? ", Volume \(volume + 1)" : "")
    }
}
