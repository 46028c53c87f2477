#include "engine/english.h"

#include "base/str.h"
#include "engine/words/wordtable.h"

/* Many short words to a line. */
/* clang-format off */

const struct english_pair english_spoken[] = {
    /* contractions; without the apostrophe where that is no other word */
    {"what's", "what is"}, {"whats", "what is"}, {"what're", "what are"}, {"who's", "who is"}, {"whos", "who is"},
    {"where's", "where is"}, {"wheres", "where is"}, {"when's", "when is"}, {"how's", "how is"}, {"hows", "how is"},
    {"why's", "why is"}, {"that's", "that is"}, {"thats", "that is"}, {"there's", "there is"}, {"theres", "there is"},
    {"here's", "here is"}, {"it's", "it is"}, {"he's", "he is"}, {"she's", "she is"}, {"let's", "let us"},
    {"lets", "let us"}, {"i'm", "i am"}, {"im", "i am"}, {"you're", "you are"}, {"youre", "you are"}, {"ur", "your"},
    {"we're", "we are"}, {"they're", "they are"}, {"theyre", "they are"}, {"i've", "i have"}, {"ive", "i have"},
    {"you've", "you have"}, {"we've", "we have"}, {"they've", "they have"}, {"i'd", "i would"}, {"id", "i would"},
    {"you'd", "you would"}, {"they'd", "they would"}, {"we'd", "we would"}, {"i'll", "i will"}, {"you'll", "you will"},
    {"it'll", "it will"}, {"who'd", "who would"}, {"what'd", "what would"}, {"how'd", "how would"},
    {"where'd", "where would"}, {"why'd", "why would"}, {"that'd", "that would"}, {"there'd", "there would"},
    {"it'd", "it would"}, {"he'd", "he would"}, {"she'd", "she would"}, {"who'll", "who will"},
    {"what'll", "what will"}, {"that'll", "that will"}, {"there'll", "there will"}, {"he'll", "he will"},
    {"she'll", "she will"}, {"who've", "who have"}, {"should've", "should have"}, {"would've", "would have"},
    {"could've", "could have"}, {"might've", "might have"}, {"must've", "must have"}, {"who're", "who are"},
    {"how're", "how are"}, {"where're", "where are"}, {"there're", "there are"}, {"mustn't", "must not"},
    {"needn't", "need not"}, {"weren't", "were not"}, {"hadn't", "had not"}, {"hadnt", "had not"},
    {"werent", "were not"}, {"they'll", "they will"}, {"we'll", "we will"}, {"don't", "do not"}, {"dont", "do not"},
    {"doesn't", "does not"}, {"doesnt", "does not"}, {"didn't", "did not"}, {"didnt", "did not"}, {"isn't", "is not"},
    {"isnt", "is not"}, {"aren't", "are not"}, {"arent", "are not"}, {"ain't", "is not"}, {"aint", "is not"},
    {"wasn't", "was not"}, {"can't", "can not"}, {"cant", "can not"}, {"cannot", "can not"}, {"couldn't", "could not"},
    {"couldnt", "could not"}, {"won't", "will not"}, {"wont", "will not"}, {"wouldn't", "would not"},
    {"wouldnt", "would not"}, {"shouldn't", "should not"}, {"shouldnt", "should not"}, {"haven't", "have not"},
    {"havent", "have not"}, {"hasn't", "has not"}, {"hasnt", "has not"}, {"y'all", "you all"}, {"yall", "you all"},
    /* run together when spoken */
    {"gonna", "going to"}, {"wanna", "want to"}, {"gotta", "have to"}, {"gimme", "give me"}, {"lemme", "let me"},
    {"kinda", "kind of"}, {"sorta", "sort of"}, {"dunno", "do not know"}, {"whatcha", "what do you"},
    {"hafta", "have to"}, {"coulda", "could have"}, {"shoulda", "should have"}, {"outta", "out of"},
    {"lotta", "lot of"}, {"alot", "a lot"}, {"cuz", "because"}, {"coz", "because"}, {"finna", "going to"},
    {"prolly", "probably"}, {"def", "definitely"}, {"biz", "business"}, {"hella", "very"}, {"smth", "something"},
    {"sth", "something"}, {"mos", "months"}, {"cause", "because"}, {"bc", "because"}, {"till", "until"},
    {"til", "until"},
    /* texting */
    {"u", "you"}, {"r", "are"}, {"y", "why"}, {"b4", "before"}, {"2day", "today"}, {"w", "with"}, {"wo", "without"},
    {"abt", "about"}, {"bout", "about"}, {"wat", "what"}, {"wath", "what"}, {"wats", "what is"}, {"moar", "more"}, {"wut", "what"},
    {"wht", "what"}, {"hw", "how"}, {"hwo", "how"}, {"ned", "need"}, {"wch", "which"}, {"wich", "which"}, {"whch", "which"},
    {"ppl", "people"}, {"thx", "thanks"}, {"tnx", "thanks"}, {"thnx", "thanks"}, {"tks", "thanks"}, {"ty", "thanks"}, {"wtf", "what"}, {"wth", "what"},
    {"tysm", "thanks"}, {"sry", "sorry"}, {"pls", "please"}, {"plz", "please"}, {"plss", "please"}, {"bw", "between"},
    {"btw", "by the way"}, {"idk", "i do not know"}, {"tmrw", "tomorrow"}, {"msg", "message"}, {"yr", "year"},
    {"yrs", "years"}, {"mth", "month"}, {"mths", "months"}, {"hr", "hour"}, {"hrs", "hours"}, {"wk", "week"},
    {"wks", "weeks"}, {"avg", "average"}, {"min", "minimum"}, {"max", "maximum"}, {"info", "information"},
    {"diff", "difference"}, {"exp", "experience"}, {"req", "requirement"}, {"reqs", "requirements"},
    {"cert", "certification"}, {"certs", "certifications"}, {"edu", "education"}, {"dept", "department"},
    {"mgr", "manager"}, {"govt", "government"}, {"gov", "government"}, {"uni", "university"}, {"ed", "education"},
    {"approx", "approximately"}, {"vs", "versus"}, {"vrs", "versus"}, {"v", "versus"}, {"gud", "good"}, {"gd", "good"},
    {"da", "the"}, {"dat", "that"}, {"dis", "this"}, {"den", "then"}, {"ya", "you"}, {"yep", "yes"}, {"yeah", "yes"},
    {"yup", "yes"}, {"nope", "no"}, {"nah", "no"}, {"okay", "ok"}, {"kk", "ok"}, {"tho", "though"},
    {"thru", "through"}, {"nite", "night"}, {"luv", "love"}, {"wi", "with"}, {"n", "and"}, {"cos", "companies"},
    {"co", "company"}, {"em", "them"}, {"doin", "doing"}, {"workin", "working"}, {"makin", "making"},
    {"goin", "going"}, {"gettin", "getting"}, {"nothin", "nothing"}, {"somethin", "something"}, {"usa", "us"},
    {"pjs", "pajamas"}, {"wfh", "work from home"}, {"faq", "frequently asked questions"},
    /* number words; "one" is left alone, for it points at things more often than it counts */
    {"two", "2"}, {"three", "3"}, {"four", "4"}, {"five", "5"}, {"six", "6"}, {"seven", "7"}, {"eight", "8"},
    {"nine", "9"}, {"ten", "10"}, {"eleven", "11"}, {"twelve", "12"}, {"fifteen", "15"}, {"twenty", "20"},
    {"thirty", "30"}, {"forty", "40"}, {"fifty", "50"}, {"sixty", "60"}, {"hundred", "100"}, {NULL, NULL},
};

const struct english_pair english_variants[] = {
    {"programme", "program"}, {"organis", "organiz"}, {"specialis", "specializ"}, {"recognis", "recogniz"},
    {"authoris", "authoriz"}, {"summaris", "summariz"}, {"analyse", "analyze"}, {"analysing", "analyzing"},
    {"labour", "labor"}, {"centre", "center"}, {"licenc", "licens"}, {"practis", "practic"}, {"colour", "color"},
    {"favour", "favor"}, {"behaviour", "behavior"}, {"prioritis", "prioritiz"}, {"utilis", "utiliz"},
    {"categoris", "categoriz"}, {"standardis", "standardiz"}, {"computeris", "computeriz"}, {"digitis", "digitiz"},
    {"enquir", "inquir"}, {"fulfil", "fulfill"}, {"enrolment", "enrollment"}, {"judgement", "judgment"},
    {"cheque", "check"}, {"learnt", "learned"}, {"personalis", "personaliz"}, {"maximis", "maximiz"},
    {"minimis", "minimiz"}, {"catalogue", "catalog"}, {"honour", "honor"}, {"neighbour", "neighbor"},
    {"travell", "travel"}, {"cancell", "cancel"}, {"modell", "model"}, {"defence", "defense"}, {"offence", "offense"},
    {"socialis", "socializ"}, {"realis", "realiz"}, {"hospitalis", "hospitaliz"}, {"anaesthe", "anesthe"},
    {"paediatr", "pediatr"}, {"orthopaed", "orthoped"}, {"haemat", "hemat"}, {"oesophag", "esophag"}, {NULL, NULL},
};

const struct english_pair english_folds[] = {
    {"does", "do"}, {"has", "have"}, {"are", "is"}, {"am", "is"}, {"news", "news"}, {"goes", "go"}, {"women", "woman"},
    {"men", "man"}, {"children", "child"}, {"always", "always"}, {"perhaps", "perhaps"}, {"people's", "people"},
    {NULL, NULL},
};

const char *const english_filler[] = {
    "the", "a", "an", "please", "just", "really", "actually", "exactly", "basically", "literally", "honestly", "truly",
    "simply", "kindly", "lol", "haha", "hahaha", "lmao", "tbh", "ngl", "lowkey", "highkey", "deadass", "af", "smh",
    "srsly", "frfr", "ong", "istg", "bestie", "sis", "though", "fr", "um", "umm", "uh", "er", "erm", "hmm", "hm",
    "well", "so", "imo", "imho", "btw", "quite", "very", "certainly", "definitely", "obviously", "bro", "dude", "mate",
    "buddy", "yo", "bruh", "fam", "og", "omg", "rn", "like,", "anyway", "anyways", "somehow", NULL,
};

const char *const english_openers[] = {
    "hi", "hello", "hey", "heya", "hiya", "howdy", "greetings", "good morning", "good afternoon", "good evening",
    "hi there", "hello there", "hey there", "hi team", "hello team", "hey team", "hi all", "hello all", "hey all",
    "hi everyone", "hello everyone", "hey everyone", "hi guys", "hey guys", "hello guys", "hi folks", "hey folks",
    "dear all", "dear sir", "dear sir or madam", "dear madam", "sir", "madam", "team", "guys", "folks", "everyone",
    "ok", "ok then", "sweet", "awesome", "perfect", "wonderful", "lovely", "super", "alright", "all right", "right",
    "cool", "great", "nice", "got it", "i see", "thanks", "thank you", "thanks for that", "fine", "quick question",
    "one question", "a quick question", "i have a question", "i have a quick question", "i have question",
    "another question", "question", "one more question", "one more thing", "one more", "one last thing", "also",
    "i was wondering", "i am wondering", "i wonder", "just wondering", "wondering", "i was wondering if",
    "i am curious", "just curious", "curious", "can you tell me", "could you tell me", "would you tell me",
    "can you please tell me", "can you explain", "could you explain", "can you explain to me", "please tell me",
    "tell me", "tell me please", "do you know", "do you happen to know", "would it be fair to say",
    "is it fair to say", "would you say", "am i right that", "am i right in thinking", "am i right to think",
    "correct me if i am wrong", "let us say", "any idea", "i want to know", "i would like to know", "i need to know",
    "i am trying to find out", "i am trying to understand", "i want to ask", "i would like to ask", "let me ask",
    "may i ask", "can i ask", "could i ask", "may i know", "can i know", "can someone tell me", "can anyone tell me",
    "does anyone know", "sorry", "excuse me", "by the way", "i need help with", "please help me", "help me",
    "next question", "my question is", "the question is", "explain me", "explain to me", "say", "listen", "oh", "ah",
    "yes", "two things", "2 things", "2 question", "two questions", "in that case", "i do not know", "not sure",
    "i am not sure", "be honest", "to be honest", "long story short", "in short", "in short words", "first", "firstly",
    "second", "secondly", "finally", "lastly", "for a start", "at the end", NULL,
};

const char *const english_closers[] = {
    "thanks", "thank you", "thanks in advance", "thank you in advance", "thank you so much", "thanks so much",
    "many thanks", "thanks a lot", "cheers", "much appreciated", "appreciate it", "any idea", "any ideas",
    "do you know", "if you know", "i wonder", "just wondering", "just curious", "or what", "or not", "or something",
    "you know", "or no", "right", "correct", "is that right", "is that true", "please advise", "help", "help me",
    "thanks for your help", "right or wrong", "true or false", "true or not", "is she right", "is he right",
    "are they right", "am i right", "is that so", "is this true", "is this right", "is that correct", "is she correct",
    "is he correct", "is that a thing", "is that a fact", "facts or cap", "fact or cap", "cap or no cap",
    "fact or fiction", "fact or myth", "no cap", "for real", "fo real", "huh", "eh", "innit", "say it is not so",
    "yes or no", "thank you for your help", "for me", "to me", "i am curious", "wondering", "ok", "then",
    "does the guide say anything about that", "does your guide say anything about that",
    "does the guide say anything about it", "does your guide say anything about it", "what does the guide say about that",
    "what does your guide say about that", "can you help me with that", "can you help", "can you help me",
    "could you help me", "can you tell me", "could you tell me", "can anyone help", "can you clear that up",
    "can you clear this up", "can you enlighten me", "any thoughts", "you sure", "are you sure", "you sure about that", "are you sure about that", "any advice", "any clue", "any tips",
    "would you say", "in your opinion", "if i may ask", "sorry", "my bad", "same story", "same thing", "same deal",
    "kind regards", "regards", "best regards", NULL,
};

const char *const english_function_words[] = {
    "i", "me", "my", "mine", "myself", "you", "your", "yours", "he", "him", "his", "she", "her", "hers", "it", "its",
    "we", "us", "our", "ours", "they", "them", "their", "theirs", "one", "ones", "someone", "somebody", "something",
    "anyone", "anybody", "anything", "everyone", "everybody", "everything", "nobody", "nothing", "who", "whom",
    "whose", "which", "what", "when", "where", "why", "how", "this", "that", "these", "those", "here", "there", "is",
    "be", "been", "being", "was", "were", "do", "did", "done", "doing", "have", "had", "having", "can", "could",
    "will", "would", "shall", "should", "may", "might", "must", "let", "not", "no", "nor", "yes", "and", "or", "but",
    "if", "then", "than", "as", "because", "since", "while", "until", "of", "to", "in", "on", "at", "by", "for",
    "from", "with", "without", "about", "into", "onto", "over", "under", "between", "among", "through", "during",
    "before", "after", "up", "down", "out", "off", "against", "per", "via", "some", "any", "all", "both", "each",
    "every", "either", "neither", "many", "much", "more", "most", "few", "less", "least", "lot", "other", "another",
    "such", "same", "own", "only", "too", "also", "even", "still", "yet", "already", "again", "ever", "never", "now",
    "soon", "often", "usually", "sometimes", "typically", "generally", "normally", "maybe", "perhaps", "else",
    "instead", "rather", "together", "away", "back", "around", "enough", "almost", "quite", "say", "tell", "know",
    "think", "mean", "want", "like", "get", "got", "getting", "go", "going", "come", "take", "give", "put", "see",
    "look", "ask", "thing", "things", "stuff", "kind", "sort", "type", "way", "bit", "ok", "please", "thanks", "thank",
    "time", "always", "anymore", "though", "using", "use", "s", "t", "etc", "ie", "eg", "involve", "happen", "call",
    "called", "name", "whole", "part", "side", "certain", "able", "regarding", "concerning", "true", "sure", "whether",
    "within", "across", "along", "toward", "towards", "upon", "once", "example",
    /* adverbs and conjunctions that only join, place in time or colour what is said */
    "afterward", "afterwards", "nowadays", "currently", "presently", "recently", "lately", "eventually", "meanwhile",
    "someday", "sometime", "anytime", "whenever", "wherever", "whatever", "whichever", "whoever", "however",
    "therefore", "thus", "hence", "although", "unless", "except", "besides", "despite", "otherwise", "likewise",
    "apparently", "supposedly", "presumably", "allegedly", "reportedly", "seemingly", "evidently", "clearly",
    "probably", "possibly", "potentially", "hopefully", "frankly", "seriously", "personally", "naturally",
    "especially", "particularly", "specifically", "mainly", "mostly", "largely", "overall", "altogether", "completely",
    "totally", "entirely", "absolutely", "fully", "fairly", "pretty", "somewhat", "roughly", "approximately", "nearly",
    "barely", "hardly", "merely", "precisely", "suddenly", "finally", "anyhow", "somewhere", "anywhere", "nowhere",
    "everywhere", "elsewhere", "ahead", "apart", "aside", "indeed", "rarely", "seldom", "occasionally", "frequently",
    "constantly", "regularly", "commonly", "ordinarily", "essentially", "strictly", "properly", "ago",
    /* verbs of asking, saying and believing, and others that carry none of the sense */
    "wonder", "wondering", "guess", "suppose", "supposed", "assume", "assuming", "believe", "figure", "hear", "heard",
    "hearing", "said", "says", "saying", "told", "telling", "asked", "asking", "thought", "thinking", "knew", "known",
    "knowing", "seem", "seems", "seemed", "appear", "keep", "keeps", "kept", "keeping", "became", "went", "gone",
    "came", "coming", "took", "taken", "gave", "given", "giving", "saw", "seen", "seeing", "looked", "looking",
    "wanted", "wanting", "meant", "meaning", "tends", "tend", "hell", "heck", "damn", "tf", "freaking", NULL,
};

const char *const english_question_words[] = {
    "what", "how", "who", "whom", "whose", "which", "why", "when", "where", "is", "are", "do", "does", "did", "can",
    "could", "will", "would", "should", "shall", "am", "may", "might", "must", "has", "have", "was", "were", NULL,
};

const char *const english_referring[] = {
    "it", "its", "that", "this", "they", "them", "their", "those", "these", "one", "ones", "there", "he", "she",
    "then", "same", "such", "each", "either", "both", "other", "others", "else", NULL,
};

const char *const english_more[] = {
    "more", "tell me more", "tell more", "say more", "more about that", "more about it", "tell me more about it",
    "tell me more about that", "tell me more about this", "what else", "anything else", "and what else", "and else",
    "something else", "go on", "continue", "keep going", "more please", "more detail", "more details",
    "more information", "more info", "give me more", "can you elaborate", "elaborate", "please elaborate",
    "could you elaborate", "and more", "any more", "anything more", "what more", "and then", "is that all",
    "is that it", "what is more", "can you say more", "i want to know more", "i would like to know more",
    "expand on that", "in more detail", "more on that", NULL,
};

const char *const english_why[] = {
    "why", "why is that", "why is this", "why so", "how come", "but why", "and why", "why would that be",
    "what is the reason", "why is it", "why not", "what for", "why that", "for what reason", "reason", "the reason",
    "explain why", "why is it so", "why is it like that", "why would it", "why do they", "why does it", "why it is so",
    "why exactly", "can you explain why", "depends on what", "depending on what", "on what", NULL,
};

const char *const english_both[] = {
    "both", "both of them", "the two", "both please", "both of these", "all", "all of them", "all of these", "each",
    "both jobs", "each of them", "1 and 2", "both ones", "i mean both", "for both", "about both", "all of the above",
    NULL,
};

const char *const english_either[] = {
    "either", "either one", "any", "any of them", "whichever", "whatever", "i do not mind", "does not matter",
    "do not care", "it does not matter", "no preference", "any is fine", "either is fine", "either way", NULL,
};

const char *const english_other[] = {
    "other", "other one", "the other", "the other one", "other job", "the other job", "other career",
    "the other career", "other side", "the other side", "the opposite", "other way", "the other kind", NULL,
};

const char *const english_back[] = {
    "back to", "going back to", "let us go back to", "let us get back to", "go back to", "ok back to",
    "getting back to", "to get back to", "returning to", "return to", "again about", "coming back to",
    "to come back to", "about that", "can we go back to", "can we get back to", "i want to go back to", NULL,
};

const char *const english_rather[] = {
    "no i meant", "no i mean", "i meant", "i mean", "sorry i meant", "no sorry i meant", "not that i meant",
    "i was asking about", "i was talking about", "no i was asking about", "no for", "no", "actually", "i meant to say",
    "rather", "instead", "i am asking about", "i asked about", "no not that", "wait", "wait no", "correction",
    "no i asked about", "no about", NULL,
};

const char *const english_and[] = {
    "and", "what about", "how about", "and what about", "and how about", "and for", "what of", "same for",
    "same question for", "same question about", "same thing for", "same thing about", "same about", "the same about",
    "the same for", "and the", "what if", "or", "and in", "now", "also", "but", "but what about", "and if", "then",
    "and is", "and on", "and as", "for", "as", "of", "in", "on", "same", "the same", "same with", "versus",
    "and versus", "compared to", "compared with", "as opposed to", "as against", "ok and", "plus", "how is it for",
    "what is it for", "and what is it for", "and about", "about", "now for", "now the", "what about for",
    "what about as", "what about in", "how about for", "how about in", NULL,
};

static const char *const first[] = {
    "first", "first one", "the first one", "1st", "1st one", "number 1", "number one", "option 1", "1", "one",
    "the former", "former", "first of them", "first of those", "first option", NULL,
};

static const char *const second[] = {
    "second", "second one", "the second one", "2nd", "2nd one", "number 2", "option 2", "2", "the latter", "latter",
    "second of them", "second of those", "second option", NULL,
};

static const char *const third[] = {
    "third", "third one", "3rd", "3rd one", "number 3", "option 3", "3", "third of them",
    "third of those", "third option", NULL,
};

static const char *const fourth[] = {
    "fourth", "fourth one", "4th", "4th one", "number 4", "option 4", "4", "fourth option", NULL,
};

static const char *const last[] = {
    "last", "last one", "the last one", "last option", "last of them", "last of those", NULL,
};

const char *const *const english_ordinals[] = {last, first, second, third, fourth, NULL};

/* ------------------------------------------------------------------------------------------------------------ */

static uint64_t hash_list(uint64_t hash, const char *const *list)
{
    for (; *list; list++)
        hash = str_hash_more(str_hash_more(hash, str_of(*list)), STR("\n"));
    return str_hash_more(hash, STR("\n"));
}

static uint64_t hash_pairs(uint64_t hash, const struct english_pair *pairs)
{
    for (; pairs->from; pairs++) {
        const char *const pair[] = {pairs->from, pairs->to, NULL};
        hash = hash_list(hash, pair);
    }
    return str_hash_more(hash, STR("\n"));
}

uint64_t english_hash(void)
{
    const char *const *const lists[] = {
        english_filler, english_openers, english_closers, english_function_words, english_question_words,
        english_referring, english_more, english_why, english_both, english_either, english_other, english_back,
        english_rather, english_and,
    };
    uint64_t hash = STR_HASH_START ^ wordtable_bits; /* of the list of words its size */
    hash = hash_pairs(hash_pairs(hash_pairs(hash, english_spoken), english_variants), english_folds);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        hash = hash_list(hash, lists[i]);
    for (size_t i = 0; english_ordinals[i]; i++)
        hash = hash_list(hash, english_ordinals[i]);
    return hash;
}
